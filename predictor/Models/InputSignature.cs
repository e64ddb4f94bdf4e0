namespace Pipeline.Predictor.Models;

/// <summary>What a model wants to be fed with, and what it then says: a snapshot that does not fit is refused.</summary>
public sealed record InputSignature
{
    /// <summary>Length of a step in milliseconds.</summary>
    public required uint StepMs { get; init; }

    /// <summary>Window length T in steps; a snapshot with a longer one is cut to its newest steps.</summary>
    public required int WindowSteps { get; init; }

    /// <summary>Signals in the order of the model's channels; one that a snapshot lacks is missing throughout. The first is CPU utilisation.</summary>
    public required IReadOnlyList<string> Signals { get; init; }

    /// <summary>Version of the features' definition.</summary>
    public required string FeatureSet { get; init; }

    /// <summary>Features in the model's order.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Neighbours per VM K: more are cut, fewer are filled up with none.</summary>
    public required int Neighbours { get; init; }

    /// <summary>Horizons in steps, rising.</summary>
    public required IReadOnlyList<int> HorizonSteps { get; init; }

    /// <summary>Levels of the quantiles, rising.</summary>
    public required IReadOnlyList<float> Levels { get; init; }

    /// <summary>Utilisations whose being reached is predicted, rising; the last is "busy".</summary>
    public required IReadOnlyList<float> BusyThresholds { get; init; }
}
