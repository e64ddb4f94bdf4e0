using Pipeline.Predictor.Onnx;

namespace Pipeline.Predictor.Autodiff;

// Element-wise arithmetic with broadcasting, and the matrix product.
public sealed partial class Tape
{
    public Tensor Add(Tensor a, Tensor b) => Record(
        Elementwise("Add", a, b),
        new Path(a, g => Unbroadcast(g, a.Shape)),
        new Path(b, g => Unbroadcast(g, b.Shape)));

    public Tensor Subtract(Tensor a, Tensor b) => Record(
        Elementwise("Sub", a, b),
        new Path(a, g => Unbroadcast(g, a.Shape)),
        new Path(b, g => Unbroadcast(Op("Neg", g.Shape, g), b.Shape)));

    public Tensor Multiply(Tensor a, Tensor b) => Record(
        Elementwise("Mul", a, b),
        new Path(a, g => Unbroadcast(Elementwise("Mul", g, b), a.Shape)),
        new Path(b, g => Unbroadcast(Elementwise("Mul", g, a), b.Shape)));

    public Tensor Divide(Tensor a, Tensor b)
    {
        Tensor ratio = Elementwise("Div", a, b);
        return Record(
            ratio,
            new Path(a, g => Unbroadcast(Elementwise("Div", g, b), a.Shape)),
            new Path(b, g => Unbroadcast(Op("Neg", ratio.Shape, Elementwise("Div", Elementwise("Mul", g, ratio), b)), b.Shape)));
    }

    public Tensor Scale(Tensor a, float factor) => Multiply(a, graph.Constant(factor));

    /// <summary>The larger of two; where they are equal the gradient goes to <paramref name="a"/>.</summary>
    public Tensor Max(Tensor a, Tensor b) => Record(
        Elementwise("Max", a, b),
        new Path(a, g => Unbroadcast(Elementwise("Mul", g, Mask("GreaterOrEqual", a, b)), a.Shape)),
        new Path(b, g => Unbroadcast(Elementwise("Mul", g, Mask("Less", a, b)), b.Shape)));

    /// <summary>Matrix product over the last axis: [..., i] with [i, o] gives [..., o].</summary>
    public Tensor MatMul(Tensor a, Tensor weights)
    {
        int inner = weights.Shape[0], outer = weights.Shape[1];
        if (a.Shape.Last != inner) throw new ArgumentException($"matrices {a.Shape} and {weights.Shape} do not fit");
        return Record(
            Op("MatMul", a.Shape.With(-1, outer), a, weights),
            new Path(a, g => Op("MatMul", a.Shape, g, graph.Node("Transpose", new Shape(outer, inner), [weights], GraphBuilder.Attribute("perm", 1, 0)))),
            new Path(weights, g => graph.Node("Gemm", weights.Shape, [Rows(a), Rows(g)], GraphBuilder.Attribute("transA", 1))));
    }

    /// <summary>Matrix products row by row: [rows, m, i] with [rows, i, o] gives [rows, m, o].</summary>
    public Tensor BatchMatMul(Tensor a, Tensor b)
    {
        if (a.Shape.Rank != 3 || b.Shape.Rank != 3 || a.Shape.Last != b.Shape[1]) throw new ArgumentException($"matrices {a.Shape} and {b.Shape} do not fit");
        return Record(
            Op("MatMul", a.Shape.With(-1, b.Shape.Last), a, b),
            new Path(a, g => Op("MatMul", a.Shape, g, Turned(b))),
            new Path(b, g => Op("MatMul", b.Shape, Turned(a), g)));
    }

    /// <summary>The last two of three axes change places.</summary>
    public Tensor Transpose(Tensor a) => Record(Turned(a), new Path(a, Turned));

    private Tensor Turned(Tensor a) =>
        graph.Node("Transpose", new Shape(a.Shape[0], a.Shape[2], a.Shape[1]), [a], GraphBuilder.Attribute("perm", 0, 2, 1));

    /// <summary>All axes but the last as one.</summary>
    private Tensor Rows(Tensor a)
    {
        Shape flat = new(Shape.Rows, a.Shape.Last);
        return a.Shape.Rank == 2 ? a : Op("Reshape", flat, a, graph.Constant(flat.ToLongs()));
    }
}
