using Pipeline.Predictor.Models;

namespace Pipeline.Predictor.Service;

/// <summary>How predictions are made.</summary>
public sealed record PredictorOptions
{
    /// <summary>The model file; its card stands beside it.</summary>
    public string ModelPath { get; init; } = ModelFile.DefaultPath;

    /// <summary>Threads of ONNX Runtime.</summary>
    public int Threads { get; init; } = 2;
}
