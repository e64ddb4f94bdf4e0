using Pipeline.Predictor.Onnx;

namespace Pipeline.Predictor.Autodiff;

// Sums, and operators that move values without changing them.
public sealed partial class Tape
{
    /// <summary>Sum of all elements, a scalar.</summary>
    public Tensor Sum(Tensor a) => Record(
        graph.Node("ReduceSum", new Shape(), [a], GraphBuilder.Attribute("keepdims", 0)),
        new Path(a, g => Like(g, a)));

    /// <summary>Sum over one axis, which goes away.</summary>
    public Tensor Sum(Tensor a, int axis)
    {
        Tensor axes = graph.Constant([(long)axis]);
        return Record(
            graph.Node("ReduceSum", a.Shape.Without(axis), [a, axes], GraphBuilder.Attribute("keepdims", 0)),
            new Path(a, g => Like(Op("Unsqueeze", a.Shape.With(axis, 1), g, axes), a)));
    }

    /// <summary>The same values in another shape; the first dimension may be <see cref="Shape.Rows"/>.</summary>
    public Tensor Reshape(Tensor a, Shape shape) => Record(
        Op("Reshape", shape, a, graph.Constant(shape.ToLongs())),
        new Path(a, g => Op("Reshape", a.Shape, g, graph.Constant(a.Shape.ToLongs()))));

    /// <summary>The part [start, end) of one axis.</summary>
    public Tensor Slice(Tensor a, int axis, int start, int end)
    {
        long[] pads = new long[2 * a.Shape.Rank];
        pads[axis] = start;
        pads[a.Shape.Rank + axis] = a.Shape[axis] - end;
        return Record(
            Op("Slice", a.Shape.With(axis, end - start), a, graph.Constant([(long)start]), graph.Constant([(long)end]), graph.Constant([(long)axis])),
            new Path(a, g => Op("Pad", a.Shape, g, graph.Constant(pads))));
    }

    /// <summary>Values side by side along one axis.</summary>
    public Tensor Concat(int axis, params Tensor[] parts)
    {
        if (parts.Length == 1) return parts[0];
        Shape shape = parts[0].Shape.With(axis, parts.Sum(p => p.Shape[axis]));
        Path[] paths = new Path[parts.Length];
        for (int i = 0, start = 0; i < parts.Length; start += parts[i++].Shape[axis])
        {
            (Tensor part, long from) = (parts[i], start);
            paths[i] = new Path(part, g => Op(
                "Slice", part.Shape, g, graph.Constant([from]), graph.Constant([from + part.Shape[axis]]), graph.Constant([(long)axis])));
        }
        return Record(graph.Node("Concat", shape, parts, GraphBuilder.Attribute("axis", axis)), paths);
    }

    /// <summary>Rows of [n, d] chosen by integers [rows, k]: [rows, k, d]. A row may be chosen many times.</summary>
    public Tensor Gather(Tensor a, Tensor indices)
    {
        Shape shape = new(indices.Shape[0], indices.Shape[1], a.Shape.Last);
        return Record(
            graph.Node("Gather", shape, [a, indices], GraphBuilder.Attribute("axis", 0)),
            new Path(a, g =>
            {
                Tensor zeros = Like(graph.Constant(0f), a);
                Tensor places = Op("Unsqueeze", new Shape(indices.Shape[0], indices.Shape[1], 1), indices, graph.Constant(2L));
                return graph.Node("ScatterND", a.Shape, [zeros, places, g], GraphBuilder.Attribute("reduction", "add"));
            }));
    }
}
