using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Onnx.Messages;

namespace Pipeline.Predictor.Autodiff;

/// <summary>
/// Reverse-mode automatic differentiation that writes ONNX: every operator adds its node to the graph and remembers how
/// a gradient goes back through it, <see cref="Gradients"/> then adds the nodes of the backward pass. So one graph holds
/// both, and what trains is exactly what serves.
/// </summary>
public sealed partial class Tape(GraphBuilder graph)
{
    private readonly List<Step> _steps = [];
    private readonly HashSet<string> _learned = new(StringComparer.Ordinal);

    /// <summary>How the gradient of an operator's output gives the gradient of one of its inputs.</summary>
    private readonly record struct Path(Tensor Input, Func<Tensor, Tensor> Back);

    private readonly record struct Step(Tensor Output, Path[] Paths);

    public GraphBuilder Graph => graph;

    /// <summary>Marks a value as one that gradients are wanted for. Only what depends on one takes part in the backward pass.</summary>
    public Tensor Learn(Tensor tensor)
    {
        _learned.Add(tensor.Name);
        return tensor;
    }

    /// <summary>Adds the backward pass.</summary>
    /// <param name="loss">A scalar.</param>
    /// <param name="of">What was marked by <see cref="Learn"/>.</param>
    /// <returns>The gradients, in the order of <paramref name="of"/>.</returns>
    /// <exception cref="InvalidOperationException">The loss does not depend on one of them.</exception>
    public Tensor[] Gradients(Tensor loss, IReadOnlyList<Tensor> of)
    {
        Dictionary<string, Tensor> gradients = new(StringComparer.Ordinal) { [loss.Name] = graph.Constant(1f) };
        for (int s = _steps.Count - 1; s >= 0; s--)
        {
            if (!gradients.TryGetValue(_steps[s].Output.Name, out Tensor? gradient)) continue;
            foreach (Path path in _steps[s].Paths)
            {
                Tensor part = path.Back(gradient);
                gradients[path.Input.Name] = gradients.TryGetValue(path.Input.Name, out Tensor? sum)
                    ? graph.Node("Add", path.Input.Shape, [sum, part])
                    : part;
            }
        }
        return [.. of.Select(t => gradients.TryGetValue(t.Name, out Tensor? g)
            ? g
            : throw new InvalidOperationException($"the loss does not depend on {t.Name}"))];
    }

    private Tensor Record(Tensor output, params Path[] paths)
    {
        Path[] learned = [.. paths.Where(p => _learned.Contains(p.Input.Name))];
        if (learned.Length == 0) return output;
        _learned.Add(output.Name);
        _steps.Add(new Step(output, learned));
        return output;
    }

    private Tensor Op(string op, Shape shape, params Tensor[] inputs) => graph.Node(op, shape, inputs);

    private Tensor Elementwise(string op, Tensor a, Tensor b) => graph.Node(op, Shape.Broadcast(a.Shape, b.Shape), [a, b]);

    private Tensor Mask(string comparison, Tensor a, Tensor b)
    {
        Tensor truth = Elementwise(comparison, a, b);
        return graph.Node("Cast", truth.Shape, [truth], GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Float));
    }

    /// <summary>A gradient has the shape of the output; an input that was broadcast gets the sum over its copies.</summary>
    private Tensor Unbroadcast(Tensor gradient, Shape wanted)
    {
        if (gradient.Shape.Same(wanted)) return gradient;
        int leading = gradient.Shape.Rank - wanted.Rank;
        long[] repeated = [.. Enumerable.Range(0, wanted.Rank).Where(i => wanted[i] == 1 && gradient.Shape[i + leading] != 1).Select(i => (long)(i + leading))];
        if (repeated.Length > 0)
        {
            Shape shape = gradient.Shape;
            foreach (long axis in repeated) shape = shape.With((int)axis, 1);
            gradient = graph.Node("ReduceSum", shape, [gradient, graph.Constant(repeated)], GraphBuilder.Attribute("keepdims", 1));
        }
        if (leading == 0) return gradient;
        long[] axes = [.. Enumerable.Range(0, leading).Select(i => (long)i)];
        return graph.Node("ReduceSum", wanted, [gradient, graph.Constant(axes)], GraphBuilder.Attribute("keepdims", 0));
    }

    /// <summary>The same value, repeated to the shape that another value has when the graph runs.</summary>
    private Tensor Like(Tensor value, Tensor other)
    {
        Tensor shape = graph.Node("Shape", new Shape(other.Shape.Rank), [other]);
        return graph.Node("Expand", other.Shape, [value, shape]);
    }
}
