using Pipeline.Predictor.Autodiff;
using Pipeline.Predictor.Onnx;

namespace Pipeline.Predictor.Network;

/// <summary>
/// Collects the parameters of a network while it is defined. For training they are inputs of the graph, so that an
/// update needs no new graph; for serving they are stored in it.
/// </summary>
/// <param name="weights">All values, one parameter after the other, for serving; null for training.</param>
/// <param name="prefix">Before each name: members of an ensemble stand in one graph.</param>
public sealed class ParameterSet(Tape tape, float[]? weights, string prefix = "")
{
    private readonly List<Parameter> _parameters = [];
    private readonly List<Tensor> _tensors = [];

    public IReadOnlyList<Parameter> Parameters => _parameters;

    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <summary>Number of weights in all parameters.</summary>
    public int Length { get; private set; }

    public Tensor Add(string name, Shape shape, Initializer initial)
    {
        name = prefix + name;
        int offset = Length;
        Length += shape.Length;
        _parameters.Add(new Parameter(name, shape, offset, initial));
        Tensor tensor = weights is null
            ? tape.Learn(tape.Graph.Input(name, shape))
            : tape.Graph.Initializer(name, shape, weights.AsSpan(offset, shape.Length));
        _tensors.Add(tensor);
        return tensor;
    }

    /// <summary>The weights before training.</summary>
    public float[] Initialize(Random random)
    {
        float[] values = new float[Length];
        foreach (Parameter p in _parameters) p.Initial(random, values.AsSpan(p.Offset, p.Shape.Length));
        return values;
    }
}
