namespace Pipeline.Processors.Snapshots;

/// <summary>Mean, peak and spread over the newest steps, the window growing; unknown steps do not count.</summary>
internal ref struct UtilizationStatistics(ReadOnlySpan<float> past)
{
    private readonly ReadOnlySpan<float> _past = past;
    private int _steps;
    private int _count;
    private double _sum;
    private double _squares;

    public float Peak { get; private set; }

    public readonly float Mean => _count == 0 ? 0f : (float)(_sum / _count);

    /// <summary>Standard deviation of the population.</summary>
    public readonly float Spread
    {
        get
        {
            if (_count == 0) return 0f;
            double mean = _sum / _count;
            return (float)Math.Sqrt(Math.Max(_squares / _count - mean * mean, 0));
        }
    }

    /// <summary>Makes the window so many steps long.</summary>
    public void Extend(int steps)
    {
        for (int end = Math.Min(steps, _past.Length); _steps < end; _steps++)
        {
            float value = _past[^(_steps + 1)];
            if (float.IsNaN(value)) continue;
            _count++;
            _sum += value;
            _squares += (double)value * value;
            if (value > Peak) Peak = value;
        }
    }
}
