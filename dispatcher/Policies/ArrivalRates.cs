namespace Pipeline.Dispatcher.Policies;

/// <summary>How often functions are called, as a policy sees it call by call: moving averages of the time between arrivals, by row.</summary>
internal sealed class ArrivalRates
{
    /// <summary>Weight of the newest gap.</summary>
    private const double Newest = .1;

    /// <summary>Popularity is judged anew after so many calls: sorting all functions for each would cost more than deciding.</summary>
    private const int JudgedEvery = 256;

    /// <summary>Functions below this quantile of the gaps are popular.</summary>
    private const double PopularQuantile = .2;

    private double[] gapS = [];
    private long[] lastMs = [];
    private double popularGapS;
    private int untilJudged;

    /// <summary>A call arrived.</summary>
    public void See(int function, long nowMs)
    {
        if (function >= gapS.Length)
        {
            int size = Math.Max(function + 1, Math.Max(64, gapS.Length * 2)), old = gapS.Length;
            Array.Resize(ref gapS, size);
            Array.Resize(ref lastMs, size);
            gapS.AsSpan(old).Fill(double.NaN);
            lastMs.AsSpan(old).Fill(long.MinValue);
        }
        if (lastMs[function] != long.MinValue)
        {
            double gap = Math.Max(0, nowMs - lastMs[function]) / 1000.0;
            gapS[function] = double.IsNaN(gapS[function]) ? gap : gapS[function] + (Newest * (gap - gapS[function]));
        }
        lastMs[function] = nowMs;
        if (untilJudged-- > 0) return;
        untilJudged = JudgedEvery;
        double[] known = [.. gapS.Where(double.IsFinite).Order()];
        popularGapS = known.Length == 0 ? 0 : known[(int)(PopularQuantile * (known.Length - 1))];
    }

    /// <summary>Calls per second; 0 before the second one.</summary>
    public double PerSecond(int function) => double.IsNaN(gapS[function]) ? 0 : 1 / Math.Max(1e-3, gapS[function]);

    public bool IsPopular(int function) => gapS[function] <= popularGapS;
}
