using System.Runtime.InteropServices;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Onnx.Messages;

namespace Pipeline.Predictor.Learning;

/// <summary>Takes the learned weights out of a model that is served.</summary>
internal static class ModelWeights
{
    /// <summary>Weights of each member, in the order of the parameters; none where the model is of another network.</summary>
    public static IReadOnlyList<float[]> Read(byte[] model, ParameterSet parameters)
    {
        Dictionary<string, TensorProto> stored = ModelProto.Parser.ParseFrom(model).Graph.Initializer.ToDictionary(t => t.Name, StringComparer.Ordinal);
        List<float[]> members = [];
        while (TryRead(stored, parameters, ServingGraph.Prefix(members.Count)) is { } weights) members.Add(weights);
        return members;
    }

    private static float[]? TryRead(Dictionary<string, TensorProto> stored, ParameterSet parameters, string prefix)
    {
        float[] weights = new float[parameters.Length];
        foreach (Parameter p in parameters.Parameters)
        {
            if (!stored.TryGetValue(prefix + p.Name, out TensorProto? tensor) || tensor.RawData.Length != p.Shape.Length * sizeof(float)) return null;
            MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).CopyTo(weights.AsSpan(p.Offset));
        }
        return weights;
    }
}
