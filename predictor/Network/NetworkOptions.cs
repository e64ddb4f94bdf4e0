namespace Pipeline.Predictor.Network;

/// <summary>The sizes of a network. They and the weights are all that a model is.</summary>
public sealed record NetworkOptions
{
    /// <summary>Window length T in steps; the product of <see cref="Kernels"/>.</summary>
    public int WindowSteps { get; init; } = 36;

    /// <summary>Steps joined by each layer of the pyramid; the stride equals the kernel: 36 steps become 12, 4 and 1.</summary>
    public IReadOnlyList<int> Kernels { get; init; } = [3, 3, 4];

    /// <summary>Channels of the window C: encoded signals and their masks.</summary>
    public required int Channels { get; init; }

    /// <summary>Long-memory and calendar features S.</summary>
    public required int Features { get; init; }

    /// <summary>
    /// Which feature is the spread of a VM's utilisation (0..1): edges carry its ratio between the two ends. Null: edges carry their weight alone.
    /// </summary>
    public int? SpreadFeature { get; init; }

    /// <summary>Neighbours per VM K.</summary>
    public int Neighbours { get; init; } = 16;

    /// <summary>Width of the hidden layers.</summary>
    public int Hidden { get; init; } = 64;

    /// <summary>Width of what a VM takes from each neighbour.</summary>
    public int Message { get; init; } = 48;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Horizons in steps, rising: 5, 15, 30 and 60 minutes of 5-minute steps.</summary>
    public IReadOnlyList<int> HorizonSteps { get; init; } = [1, 3, 6, 12];

    /// <summary>Levels of the quantiles of the peak utilisation, rising.</summary>
    public IReadOnlyList<float> Levels { get; init; } = [0.5f, 0.9f, 0.95f];

    /// <summary>
    /// Utilisations whose being reached is predicted, rising. The last is "busy"; a lower one is reached more often, so
    /// that there is something to learn from and to measure on fleets that are hardly ever busy.
    /// </summary>
    public IReadOnlyList<float> BusyThresholds { get; init; } = [0.5f, 0.8f];
}
