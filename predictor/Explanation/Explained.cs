using Pipeline.Predictor.Models;

namespace Pipeline.Predictor.Explanation;

/// <summary>One forecast and what it comes from.</summary>
public sealed record Explained
{
    public required string Cell { get; init; }

    public required string Vm { get; init; }

    /// <summary>End of the step that it was made at, Unix milliseconds.</summary>
    public required long StepEndUnixMs { get; init; }

    /// <summary>Id of the model that was asked.</summary>
    public required string Model { get; init; }

    public required InputSignature Signature { get; init; }

    /// <summary>[T]: own utilisation in the window, newest last; NaN: missing.</summary>
    public required float[] Window { get; init; }

    /// <summary>[H, Q].</summary>
    public required float[] PeakQuantile { get; init; }

    /// <summary>[H]: probability of reaching the highest threshold.</summary>
    public required float[] Busy { get; init; }

    public required IReadOnlyList<Driver> Drivers { get; init; }

    /// <summary>What came, [H]; null where it is not known.</summary>
    public float[]? Peak { get; init; }

    /// <summary>What else is to be said, a line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Place of the horizon that effects are told at: 30 minutes, or the one nearest to it.</summary>
    public int Horizon => Enumerable.Range(0, Signature.HorizonSteps.Count).MinBy(h => Math.Abs(Minutes(h) - 30));

    public double Minutes(int horizon) => Signature.HorizonSteps[horizon] * (double)Signature.StepMs / 60_000;

    /// <summary>A quantile of the forecast.</summary>
    public float Quantile(int horizon, int level) => PeakQuantile[horizon * Signature.Levels.Count + level];

    /// <summary>By how much a driver raises a quantile at <see cref="Horizon"/>, in shares of the VM's cores.</summary>
    public float EffectOn(Driver driver, int level) => Quantile(Horizon, level) - driver.PeakQuantile[Horizon * Signature.Levels.Count + level];

    /// <summary>By how much it raises the probability of becoming busy.</summary>
    public float EffectOnBusy(Driver driver) => Busy[Horizon] - driver.Busy[Horizon];

    /// <summary>Neighbours, the one with the largest effect first.</summary>
    public IEnumerable<Driver> Neighbours => Drivers.Where(d => d.Kind == DriverKind.Neighbour).OrderByDescending(d => Math.Abs(EffectOn(d, 0)));

    /// <summary>The other drivers, in their order.</summary>
    public IEnumerable<Driver> Parts => Drivers.Where(d => d.Kind != DriverKind.Neighbour);
}
