using Pipeline.Predictor.Evaluation;

namespace Pipeline.Predictor.Models;

/// <summary>What is known of a model: stands beside the model file as JSON, and is checked when the model is loaded.</summary>
public sealed record ModelCard
{
    public required string Name { get; init; }

    /// <summary>Date of training, yyyy-MM-dd, UTC.</summary>
    public required string Created { get; init; }

    public required string Description { get; init; }

    /// <summary>SHA-256 of the model file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Operator set of the ONNX file.</summary>
    public required int Opset { get; init; }

    /// <summary>Number of learned weights.</summary>
    public required int Weights { get; init; }

    public required InputSignature Signature { get; init; }

    public required TrainingRecord Training { get; init; }

    /// <summary>Accuracy on data that the model has not seen, against baselines.</summary>
    public IReadOnlyList<EvaluationRecord> Evaluations { get; init; } = [];

    public required SelfTest SelfTest { get; init; }

    /// <summary>How features were distributed in training; none: their drift cannot be told.</summary>
    public IReadOnlyList<FeatureBins> FeatureBins { get; init; } = [];

    /// <summary>Name, date and the head of the checksum: what predictions carry.</summary>
    public string Id => $"{Name}-{Created}-{Sha256[..8]}";
}

/// <summary>How a model came to be.</summary>
public sealed record TrainingRecord
{
    public required IReadOnlyList<TraceRange> Data { get; init; }

    public required IReadOnlyList<TraceRange> Validation { get; init; }

    public required string Command { get; init; }

    /// <summary>What networks were taught by along with what came true; null: nothing.</summary>
    public string? Teacher { get; init; }

    /// <summary>Networks that were trained apart and are served as one.</summary>
    public required IReadOnlyList<NetworkRecord> Networks { get; init; }
}

/// <summary>How one network of a model came to be.</summary>
public sealed record NetworkRecord
{
    public required int Seed { get; init; }

    /// <summary>Updates made; the weights are those of <see cref="BestStep"/>.</summary>
    public required int Steps { get; init; }

    /// <summary>The update after which the validation loss was lowest.</summary>
    public required int BestStep { get; init; }

    /// <summary>Validation loss at <see cref="BestStep"/>.</summary>
    public required double ValidationLoss { get; init; }
}

/// <summary>Slots of a trace, both ends counted.</summary>
public sealed record TraceRange(string Trace, int FirstSlot, int LastSlot);

/// <summary>An evaluation and what it was made on.</summary>
public sealed record EvaluationRecord
{
    public required TraceRange Data { get; init; }

    /// <summary>What was evaluated, where it is not the model of the card itself.</summary>
    public string? Of { get; init; }

    /// <summary>Every so many slots were evaluated.</summary>
    public required int Every { get; init; }

    /// <summary>"Busy" means this utilisation or more.</summary>
    public required float BusyThreshold { get; init; }

    public required IReadOnlyList<EvaluationResult> Results { get; init; }
}
