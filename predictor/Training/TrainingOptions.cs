namespace Pipeline.Predictor.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainingOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>Updates at most.</summary>
    public int Steps { get; init; } = 3000;

    /// <summary>
    /// Training also ends after this time: the learning rate then falls as far as it would have over all steps. A run that
    /// the time cut short is not repeated exactly.
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Snapshots per update. Their gradients are added up in order, so the result does not depend on <see cref="Threads"/>.</summary>
    public int BatchSnapshots { get; init; } = 4;

    public int Threads { get; init; } = 2;

    /// <summary>Highest learning rate.</summary>
    public float LearningRate { get; init; } = 2e-3f;

    /// <summary>The rate rises over so many updates, then falls by a cosine.</summary>
    public int WarmupSteps { get; init; } = 200;

    /// <summary>Per update, times the learning rate.</summary>
    public float WeightDecay { get; init; } = 0.01f;

    /// <summary>
    /// So likely each feature is unknown in a snapshot that is learned from: no single one is relied upon, and the few VMs that become busy
    /// are not learned by heart so soon.
    /// </summary>
    public double FeatureDropout { get; init; } = .15;

    /// <summary>A longer gradient is shortened to this.</summary>
    public float GradientNormMax { get; init; } = 1f;

    /// <summary>The served weights are a moving average; so much of it is kept per update.</summary>
    public float AverageDecay { get; init; } = 0.995f;

    /// <summary>The average is validated every so many updates.</summary>
    public int ValidateEvery { get; init; } = 500;

    /// <summary>Training ends when so many validations in a row brought nothing better.</summary>
    public int Patience { get; init; } = 6;
}
