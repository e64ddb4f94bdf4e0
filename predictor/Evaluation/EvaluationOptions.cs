namespace Pipeline.Predictor.Evaluation;

/// <summary>What is asked of every method.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Horizons in steps, rising.</summary>
    public required IReadOnlyList<int> HorizonSteps { get; init; }

    public required IReadOnlyList<float> Levels { get; init; }

    /// <summary>A VM is busy from this utilisation on.</summary>
    public required float BusyThreshold { get; init; }

    /// <summary>So many of a VM's own newest steps are withheld: fresh, a quarter, half and a whole hour of 5-minute steps.</summary>
    public IReadOnlyList<int> StaleSteps { get; init; } = [0, 3, 6, 12];
}
