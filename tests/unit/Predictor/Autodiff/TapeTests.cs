using Pipeline.Predictor.Autodiff;
using Pipeline.Predictor.Onnx;

namespace Pipeline.Tests.Unit.Predictor.Autodiff;

/// <summary>Every operator's gradient against central finite differences.</summary>
public sealed class TapeTests
{
    private const float Difference = 1e-2f;

    [Theory]
    [InlineData("[4,3] + [3]")]
    [InlineData("[4,3] + []")]
    [InlineData("[4,1,3] + [4,2,3]")]
    [InlineData("[4,2,3] + [4,1,3]")]
    [InlineData("[1,3] + [4,3]")]
    public void Addition_broadcasts_back(string shapes) => Check(shapes, (t, a, b) => t.Add(a, b));

    [Theory]
    [InlineData("[4,3] - [3]")]
    [InlineData("[4,1,3] - [4,2,3]")]
    public void Subtraction_broadcasts_back(string shapes) => Check(shapes, (t, a, b) => t.Subtract(a, b));

    [Theory]
    [InlineData("[4,3] * [4,3]")]
    [InlineData("[4,2,3] * [4,2,1]")]
    [InlineData("[4,1,3] * [4,2,3]")]
    [InlineData("[3] * [4,3]")]
    public void Multiplication_broadcasts_back(string shapes) => Check(shapes, (t, a, b) => t.Multiply(a, b));

    [Theory]
    [InlineData("[4,3] / [4,3]")]
    [InlineData("[3] / [4,3]")]
    [InlineData("[4,2,3] / [4,2,1]")]
    public void Division_broadcasts_back(string shapes) => Check(shapes, (t, a, b) => t.Divide(a, t.Add(t.Multiply(b, b), t.Graph.Constant(0.5f))));

    [Theory]
    [InlineData("[5,4] max [5,4]")]
    [InlineData("[5,4] max [4]")]
    public void The_larger_of_two_gets_the_gradient(string shapes) => Check(shapes, (t, a, b) => t.Max(a, b));

    [Theory]
    [InlineData("[4,3] @ [3,2]")]
    [InlineData("[4,5,3] @ [3,2]")]
    public void Matrix_product(string shapes) => Check(shapes, (t, a, b) => t.MatMul(a, b));

    [Fact]
    public void Matrix_product_row_by_row() => Check("[4,2,3] @ [4,3,5]", (t, a, b) => t.BatchMatMul(a, b));

    [Fact]
    public void Transposition() => Check("[4,2,3] , [2]", (t, a, b) => t.Multiply(t.Transpose(a), b));

    [Fact]
    public void Both_uses_of_a_value_add_up() => Check("[4,3] * [4,3]", (t, a, b) => t.Add(t.Multiply(a, a), t.Multiply(a, b)));

    [Fact]
    public void Relu() => Check("[6,5] , [1]", (t, a, b) => t.Multiply(t.Relu(a), b));

    [Fact]
    public void Leaky_relu() => Check("[6,5] , [1]", (t, a, b) => t.Multiply(t.LeakyRelu(a, 0.2f), b));

    [Fact]
    public void Sigmoid() => Check("[6,5] , [1]", (t, a, b) => t.Multiply(t.Sigmoid(a), b));

    [Fact]
    public void Silu() => Check("[6,5] , [1]", (t, a, b) => t.Multiply(t.Silu(a), b));

    [Fact]
    public void Softplus() => Check("[6,5] , [1]", (t, a, b) => t.Multiply(t.Softplus(a), b));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Softmax(int axis) => Check("[3,4,5] , [1]", (t, a, b) => t.Multiply(t.Softmax(a, axis), b));

    [Fact]
    public void Layer_normalisation() => Check("[6,8] , [8]", (t, a, b) => t.Multiply(t.Normalize(a), b));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Sum_over_an_axis(int axis) => Check("[3,4,5] , [1]", (t, a, b) => t.Multiply(t.Multiply(t.Sum(a, axis), t.Sum(a, axis)), b));

    [Fact]
    public void Reshape() => Check("[3,8] , [4]", (t, a, b) => t.Multiply(t.Reshape(a, new Shape(3, 2, 4)), b));

    [Fact]
    public void Slice() => Check("[3,6,2] , [2]", (t, a, b) => t.Multiply(t.Slice(a, 1, 2, 5), b));

    [Fact]
    public void Concatenation() => Check("[3,2] , [3,4]", (t, a, b) => t.Concat(1, b, a, b));

    [Fact]
    public void Rows_chosen_several_times_collect_all_their_gradients() => Check("[4,3] , [2,3]", (t, a, b) =>
    {
        Tensor indices = t.Graph.Constant(1, 3, 1, 1, 0, 3);
        Tensor pairs = t.Graph.Node("Reshape", new Shape(3, 2), [indices, t.Graph.Constant(3, 2)]);
        return t.Multiply(t.Gather(a, pairs), b);
    });

    [Fact]
    public void What_does_not_depend_on_a_learned_value_gets_no_backward_pass()
    {
        GraphBuilder graph = new();
        Tape tape = new(graph);
        Tensor x = graph.Input("x", new Shape(2, 2)), w = tape.Learn(graph.Input("w", new Shape(2, 2)));
        Tensor loss = tape.Sum(tape.MatMul(tape.Silu(tape.Silu(x)), w));
        int forward = graph.NodeCount;
        tape.Gradients(loss, [w]);
        Assert.True(graph.NodeCount - forward <= 4);
    }

    [Fact]
    public void A_loss_that_does_not_depend_on_a_parameter_is_an_error()
    {
        GraphBuilder graph = new();
        Tape tape = new(graph);
        Tensor a = tape.Learn(graph.Input("a", new Shape(2))), b = tape.Learn(graph.Input("b", new Shape(2)));
        Tensor loss = tape.Sum(a);
        Assert.Contains("does not depend on b", Assert.Throws<InvalidOperationException>(() => tape.Gradients(loss, [a, b])).Message, StringComparison.Ordinal);
    }

    /// <summary>loss = sum(op(a, b) · random weights); both gradients are compared with (loss(x + d) - loss(x - d)) / 2d.</summary>
    private static void Check(string shapes, Func<Tape, Tensor, Tensor, Tensor> op)
    {
        Shape[] shape = ParsePair(shapes);
        Random random = new(1);
        GraphBuilder graph = new();
        Tape tape = new(graph);
        Tensor a = tape.Learn(graph.Input("a", shape[0])), b = tape.Learn(graph.Input("b", shape[1]));
        Tensor result = op(tape, a, b);
        Tensor loss = tape.Sum(tape.Multiply(result, graph.Constant(result.Shape, Values(random, result.Shape, 0f))));
        Tensor[] gradients = tape.Gradients(loss, [a, b]);
        graph.Output(loss, "loss");
        graph.Output(gradients[0], "da");
        graph.Output(gradients[1], "db");
        using GraphRunner runner = new(graph.ToBytes());
        float[][] x = [Values(random, shape[0], 0f), Values(random, shape[1], 0.05f)];
        foreach ((int input, string name) in new[] { (0, "da"), (1, "db") })
        {
            float[] actual = Run(name);
            for (int i = 0; i < actual.Length; i++)
            {
                float kept = x[input][i];
                x[input][i] = kept + Difference;
                float above = Run("loss")[0];
                x[input][i] = kept - Difference;
                float below = Run("loss")[0];
                x[input][i] = kept;
                Assert.Equal((above - below) / (2 * Difference), actual[i], 2e-3f * (1 + Math.Abs(actual[i])));
            }
        }

        float[] Run(string output) => runner.Run(output, ("a", x[0], shape[0].ToLongs()), ("b", x[1], shape[1].ToLongs()));
    }

    /// <summary>Multiples of 0.1 and an offset, never 0: a difference must not step over a kink, nor over the other operand.</summary>
    private static float[] Values(Random random, Shape shape, float offset)
    {
        float[] values = new float[shape.Length];
        for (int i = 0; i < values.Length; i++) values[i] = (random.Next(2) == 0 ? 0.1f : -0.1f) * random.Next(1, 11) + offset;
        return values;
    }

    private static Shape[] ParsePair(string shapes) =>
        [.. shapes.Split('[').Skip(1).Select(s => new Shape([.. s[..s.IndexOf(']', StringComparison.Ordinal)].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]))];
}
