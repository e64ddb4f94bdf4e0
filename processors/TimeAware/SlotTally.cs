namespace Pipeline.Processors.TimeAware;

/// <summary>Steps of a slot that is not over: mean and highest.</summary>
public record struct SlotTally
{
    private double sum;
    private double peak;

    public int Steps { get; private set; }

    /// <summary>NaN: no step was measured.</summary>
    public readonly double Mean => Steps > 0 ? sum / Steps : double.NaN;

    /// <summary>NaN: no step was measured.</summary>
    public readonly double Peak => Steps > 0 ? peak : double.NaN;

    /// <summary>Takes a step's share, cut to 1: a VM may use more than it was given, but has no less than nothing free.</summary>
    public void Add(double share)
    {
        if (double.IsNaN(share)) return;
        share = Math.Clamp(share, 0, 1);
        peak = Steps == 0 ? share : Math.Max(peak, share);
        sum += share;
        Steps++;
    }
}
