using Pipeline.Predictor.Onnx;

namespace Pipeline.Predictor.Autodiff;

// Nonlinear functions.
public sealed partial class Tape
{
    /// <summary>Added to the variance before its root: the default of the ONNX operator.</summary>
    private const float NormalizeEpsilon = 1e-5f;

    public Tensor Relu(Tensor a)
    {
        Tensor y = Op("Relu", a.Shape, a);
        return Record(y, new Path(a, g => Elementwise("Mul", g, Mask("Greater", y, graph.Constant(0f)))));
    }

    /// <summary>x where positive, slope · x elsewhere.</summary>
    public Tensor LeakyRelu(Tensor a, float slope)
    {
        Tensor y = graph.Node("LeakyRelu", a.Shape, [a], GraphBuilder.Attribute("alpha", slope));
        return Record(y, new Path(a, g =>
        {
            Tensor positive = Elementwise("Greater", a, graph.Constant(0f));
            return Op("Where", a.Shape, positive, g, Elementwise("Mul", g, graph.Constant(slope)));
        }));
    }

    public Tensor Sigmoid(Tensor a)
    {
        Tensor y = Op("Sigmoid", a.Shape, a);
        return Record(y, new Path(a, g => Elementwise("Mul", g, Elementwise("Sub", y, Elementwise("Mul", y, y)))));
    }

    /// <summary>x · sigmoid(x).</summary>
    public Tensor Silu(Tensor a)
    {
        Tensor s = Op("Sigmoid", a.Shape, a), y = Elementwise("Mul", a, s);
        return Record(y, new Path(a, g =>
        {
            Tensor slope = Elementwise("Add", s, Elementwise("Sub", y, Elementwise("Mul", y, s)));
            return Elementwise("Mul", g, slope);
        }));
    }

    /// <summary>log(1 + exp(x)).</summary>
    public Tensor Softplus(Tensor a) => Record(
        Op("Softplus", a.Shape, a),
        new Path(a, g => Elementwise("Mul", g, Op("Sigmoid", a.Shape, a))));

    /// <summary>Softmax over one axis.</summary>
    public Tensor Softmax(Tensor a, int axis)
    {
        Tensor y = graph.Node("Softmax", a.Shape, [a], GraphBuilder.Attribute("axis", axis));
        return Record(y, new Path(a, g =>
        {
            Tensor gy = Elementwise("Mul", g, y);
            Tensor sum = graph.Node("ReduceSum", a.Shape.With(axis, 1), [gy, graph.Constant([(long)axis])], GraphBuilder.Attribute("keepdims", 1));
            return Elementwise("Sub", gy, Elementwise("Mul", y, sum));
        }));
    }

    /// <summary>Layer normalisation over the last axis, without gain and shift (Ba, Kiros, Hinton 2016).</summary>
    public Tensor Normalize(Tensor a)
    {
        int width = a.Shape.Last;
        Shape column = a.Shape.With(-1, 1);
        float[] ones = new float[width];
        Array.Fill(ones, 1f);
        Tensor[] outputs = graph.Nodes(
            "LayerNormalization", [a.Shape, column, column], [a, graph.Constant(new Shape(width), ones)],
            GraphBuilder.Attribute("axis", -1), GraphBuilder.Attribute("epsilon", NormalizeEpsilon));
        (Tensor y, Tensor inverse) = (outputs[0], outputs[2]);
        return Record(y, new Path(a, g =>
        {
            Tensor centred = Elementwise("Sub", g, LastMean(g, column));
            Tensor along = Elementwise("Mul", y, LastMean(Elementwise("Mul", g, y), column));
            return Elementwise("Mul", inverse, Elementwise("Sub", centred, along));
        }));
    }

    private Tensor LastMean(Tensor a, Shape column) =>
        graph.Node("ReduceMean", column, [a, graph.Constant(-1L)], GraphBuilder.Attribute("keepdims", 1));
}
