namespace Pipeline.Dispatcher.Feedback;

/// <summary>How well a prediction foretold the speed of calls (cores that a call got, 1 at most), before completions corrected it. Written by one thread, read by any.</summary>
public sealed class PredictionScore
{
    /// <summary>Calls that it was held against.</summary>
    public long Completions { get; private set; }

    /// <summary>Speeds foretold and measured, and their squared differences, summed.</summary>
    public double Expected { get; private set; }

    public double Actual { get; private set; }

    public double SquaredError { get; private set; }

    internal void Add(double expected, double actual)
    {
        Completions++;
        Expected += expected;
        Actual += actual;
        SquaredError += (actual - expected) * (actual - expected);
    }
}
