using Google.Protobuf;
using Google.Protobuf.Collections;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Onnx.Messages;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Models;

/// <summary>Looks at a model file before ONNX Runtime does: files come from outside, and a hostile one must do no harm.</summary>
internal static class ModelCheck
{
    /// <summary>Ours take well under a megabyte; a network a hundred times as large would not keep up with a fleet.</summary>
    public const int ModelBytesMax = 64 * 1024 * 1024;

    /// <summary>What the first half of a model may say of a VM, in numbers.</summary>
    private const int HandedMax = 65_536;

    /// <summary>
    /// Operators that may be used: those of our networks and their kin. What makes much out of little (ConstantOfShape, Tile, Range, Resize), draws at random or
    /// holds graphs is not among them.
    /// </summary>
    private static readonly HashSet<string> Operators = new(StringComparer.Ordinal)
    {
        "Abs", "Add", "And", "Cast", "Ceil", "Clip", "Concat", "Div", "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "GatherElements", "GatherND", "Gemm", "Greater",
        "GreaterOrEqual", "HardSigmoid", "Identity", "IsInf", "IsNaN", "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "MatMul", "Max", "Mean", "Min", "Mul", "Neg", "Not", "Or",
        "Pad", "Pow", "PRelu", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "Relu", "Reshape", "ScatterND", "Selu", "Shape", "Sigmoid", "Sign", "Slice", "Softmax",
        "Softplus", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Transpose", "Unsqueeze", "Where",
    };

    /// <summary>Says what is wrong with a model, or null.</summary>
    public static string? Check(byte[] bytes, InputSignature signature)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            return $"it is not an ONNX model: {e.Message}";
        }
        if (model.Graph is not { } graph) return "it has no graph";
        // The runtime would read what is passed over here: values in attributes, functions, graphs in lists, sparse values.
        if (model.CalculateSize() != ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes).CalculateSize()) return "it holds parts of ONNX that no model of ours has";
        if (model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version is not GraphBuilder.OpsetVersion)
            return $"it is not of operator set {GraphBuilder.OpsetVersion}";
        return Nodes(graph) ?? graph.Initializer.Select(Values).FirstOrDefault(r => r is not null) ?? Shapes(graph, signature);
    }

    private static string? Nodes(GraphProto graph)
    {
        foreach (NodeProto node in graph.Node)
        {
            if (node.Domain.Length > 0) return $"node '{node.Name}' is of the foreign domain '{node.Domain}'";
            if (node.Attribute.Any(a => a.G is not null)) return $"node '{node.Name}' holds a graph";
            if (!Operators.Contains(node.OpType)) return $"node '{node.Name}' is a {node.OpType}, which no model of ours uses";
        }
        return null;
    }

    private static string? Values(TensorProto tensor)
    {
        if (tensor.ExternalData.Count > 0 || tensor.DataLocation != TensorProto.Types.DataLocation.Default)
            return $"the values of '{tensor.Name}' are outside of the file";
        int width = tensor.DataType switch { (int)TensorProto.Types.DataType.Float => 4, (int)TensorProto.Types.DataType.Int64 => 8, _ => 0 };
        if (width == 0) return $"'{tensor.Name}' is of type {tensor.DataType}";
        UInt128 wanted = tensor.Dims.Aggregate((UInt128)width, (product, d) => UInt128.Min(product * (UInt128)Math.Max(d, 0), long.MaxValue));
        return (UInt128)tensor.RawData.Length == wanted ? null : $"'{tensor.Name}' has {tensor.RawData.Length} bytes; its shape wants {wanted}";
    }

    private static string? Shapes(GraphProto graph, InputSignature s)
    {
        int channels = new WindowEncoder(s.WindowSteps, s.Signals).Channels, h = s.HorizonSteps.Count;
        return Shapes("input", graph.Input,
            (InputNames.Window, [s.WindowSteps, channels]), (InputNames.Features, [s.Features.Count]), (InputNames.Age, [1]),
            (InputNames.Neighbours, [s.Neighbours]), (InputNames.Weights, [s.Neighbours]), Handed(InputNames.Own), Handed(InputNames.Keys), Handed(InputNames.History))
            ?? Shapes("output", graph.Output, (InputNames.PeakQuantile, [h, s.Levels.Count]), (InputNames.BusyProbability, [h, s.BusyThresholds.Count]),
                Encoded(InputNames.Own), Encoded(InputNames.Keys), Encoded(InputNames.History));

        // How wide this is, is up to the model; what comes out must go in again.
        (string, int[]) Handed(string name) => (name, [Math.Clamp(Width(graph.Input, name), 1, HandedMax)]);
        (string, int[]) Encoded(string name) => (InputNames.Encoded(name), Handed(name).Item2);
    }

    private static int Width(RepeatedField<ValueInfoProto> values, string name) =>
        values.FirstOrDefault(v => v.Name == name)?.Type?.TensorType?.Shape?.Dim is [_, { DimValue: > 0 and <= HandedMax } width] ? (int)width.DimValue : 0;

    private static string? Shapes(string kind, RepeatedField<ValueInfoProto> values, params (string Name, int[] Width)[] wanted)
    {
        if (values.Count != wanted.Length) return $"it has {values.Count} {kind}s; {wanted.Length} are wanted";
        foreach ((string name, int[] width) in wanted)
        {
            if (values.FirstOrDefault(v => v.Name == name) is not { } value) return $"it has no {kind} '{name}'";
            long[] actual = [.. value.Type?.TensorType?.Shape?.Dim.Select(d => d.DimValue) ?? []];
            if (!actual.SequenceEqual([0L, .. width.Select(w => (long)w)]))
                return $"{kind} '{name}' is [{string.Join(", ", actual)}]; the card says [rows, {string.Join(", ", width)}]";
        }
        return null;
    }
}
