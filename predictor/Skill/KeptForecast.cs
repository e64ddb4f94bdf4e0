using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Skill;

/// <summary>A forecast of a whole snapshot that waits for what comes; its arrays are used again.</summary>
internal sealed class KeptForecast
{
    public IReadOnlyList<string> Vms { get; private set; } = [];

    /// <summary>[n, H, Q].</summary>
    public float[] PeakQuantile { get; private set; } = [];

    /// <summary>[n, H].</summary>
    public float[] Busy { get; private set; } = [];

    /// <summary>[n]: newest utilisation known then; NaN: none.</summary>
    public float[] Newest { get; private set; } = [];

    /// <summary>[n]: its age in seconds.</summary>
    public uint[] AgeSeconds { get; private set; } = [];

    public void Set(InputSignature s, IReadOnlyList<string> vms, Forecast forecast, SnapshotReader rows)
    {
        (int n, int h, int q, int b) = (vms.Count, s.HorizonSteps.Count, s.Levels.Count, s.BusyThresholds.Count);
        Vms = vms;
        if (PeakQuantile.Length < n * h * q || Newest.Length < n) (PeakQuantile, Busy, Newest, AgeSeconds) = (new float[n * h * q], new float[n * h], new float[n], new uint[n]);
        forecast.PeakQuantile.AsSpan(0, n * h * q).CopyTo(PeakQuantile);
        for (int i = 0; i < n * h; i++) Busy[i] = forecast.BusyProbability[i * b + b - 1];
        rows.Newest.AsSpan(0, n).CopyTo(Newest);
        rows.AgeSeconds.AsSpan(0, n).CopyTo(AgeSeconds);
    }
}
