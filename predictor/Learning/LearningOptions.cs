namespace Pipeline.Predictor.Learning;

/// <summary>How a served model learns on.</summary>
public sealed record LearningOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>Updates of a challenger at most.</summary>
    public int Steps { get; init; } = 300;

    /// <summary>Highest learning rate: a quarter of that of a training from nothing, so that what was learned is not lost.</summary>
    public float LearningRate { get; init; } = 5e-4f;

    /// <summary>Days that are learned from, before those that are held out.</summary>
    public double Days { get; init; } = 7;

    /// <summary>Hours held out to choose and calibrate the challenger's weights, and as many behind them to decide between it and the served model.</summary>
    public double HeldOutHours { get; init; } = 12;

    /// <summary>A challenger takes over when it is better with so much confidence.</summary>
    public double Confidence { get; init; } = .95;

    /// <summary>By so much its Brier score may be worse than the served model's, as a share of it.</summary>
    public double BrierSlack { get; init; } = .01;

    public int Threads { get; init; } = 1;
}
