using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Onnx.Messages;

namespace Pipeline.Tests.Unit.Predictor.Onnx;

public sealed class ModelPartsTests
{
    [Fact]
    public void A_part_holds_what_its_outputs_need_and_nothing_else()
    {
        GraphBuilder graph = new();
        Shape column = new(Shape.Rows, 1);
        Tensor a = graph.Input("a", column), b = graph.Input("b", column), weight = graph.Initializer("weight", new Shape(1), [2f]);
        Tensor scaled = graph.Node("Mul", column, [a, weight]);
        graph.Output(graph.Node("Neg", column, [scaled]), "first");
        graph.Output(graph.Node("Add", column, [b, graph.Constant(3f)]), "second");

        GraphProto first = ModelProto.Parser.ParseFrom(ModelParts.For(graph.ToBytes(), "first")).Graph;
        Assert.Equal(["Mul", "Neg", "Identity"], first.Node.Select(n => n.OpType));
        Assert.Equal(["a", "weight", "first"], [.. first.Input.Select(i => i.Name), .. first.Initializer.Select(i => i.Name), .. first.Output.Select(o => o.Name)]);

        GraphProto second = ModelProto.Parser.ParseFrom(ModelParts.For(graph.ToBytes(), "second")).Graph;
        Assert.Equal(["Add", "Identity"], second.Node.Select(n => n.OpType));
        Assert.Equal(["b"], second.Input.Select(i => i.Name));
    }
}
