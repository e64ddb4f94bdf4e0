namespace Pipeline.Predictor.Onnx;

/// <summary>A value in a graph that is being built.</summary>
/// <param name="Name">Unique within its graph.</param>
/// <param name="Shape">Its shape, as far as known.</param>
public sealed record Tensor(string Name, Shape Shape);
