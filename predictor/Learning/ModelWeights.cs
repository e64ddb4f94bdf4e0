using System.Runtime.InteropServices;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Onnx.Messages;

namespace Pipeline.Predictor.Learning;

/// <summary>Takes the learned weights out of a model that is served.</summary>
internal static class ModelWeights
{
    /// <summary>All weights of a network in the order of the parameters; null where the model has none such.</summary>
    /// <param name="prefix">See <see cref="Objective.Prefix"/>.</param>
    public static float[]? TryRead(byte[] model, ParameterSet parameters, string prefix)
    {
        Dictionary<string, TensorProto> stored = ModelProto.Parser.ParseFrom(model).Graph.Initializer.ToDictionary(t => t.Name, StringComparer.Ordinal);
        float[] weights = new float[parameters.Length];
        foreach (Parameter p in parameters.Parameters)
        {
            if (!stored.TryGetValue(prefix + p.Name, out TensorProto? tensor) || tensor.RawData.Length != p.Shape.Length * sizeof(float)) return null;
            MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).CopyTo(weights.AsSpan(p.Offset));
        }
        return weights;
    }
}
