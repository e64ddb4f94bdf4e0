using Pipeline.Processors.History;

namespace Pipeline.Processors.Snapshots;

/// <summary>
/// Computes the features of <see cref="FeatureSet"/> of one VM from its history. Stateless but for scratch space, so a
/// restored history gives the same bits, and the same code makes training samples; one per thread.
/// </summary>
public sealed class FeatureCalculator(CellHistory history)
{
    private const int Steps = HistoryOptions.MemorySteps;
    private const long DayMs = 24 * HourMs, HourMs = 3_600_000;
    private const float SinceScale = 8f;

    private readonly float[] _past = new float[Steps];
    private readonly int _day = PerPeriod(DayMs, history.Options.StepMs), _hour = PerPeriod(HourMs, history.Options.StepMs);

    /// <summary>Computes one VM's features.</summary>
    /// <param name="slot">The VM.</param>
    /// <param name="step">The snapshot's step t.</param>
    /// <param name="withheld">So many newest steps of the VM's own past are treated as unknown.</param>
    /// <param name="features">[S].</param>
    public void Compute(int slot, long step, int withheld, Span<float> features)
    {
        features = features[..FeatureSet.Count];
        features.Clear();
        ReadOnlySpan<float> known = history.Cpu(slot, step, Steps)[..(Steps - Math.Min(withheld, Steps))];
        int first = UtilizationPast.Fill(known, _past);
        FeatureWriter to = new(features);
        WriteOwn(ref to, _past.AsSpan(0, UtilizationPast.NewestKnown(known) + 1), first);
        WriteRecurring(ref to);
        WriteCalendar(ref to, history.EndUnixMs(step));
        to.Write(MathF.Log(1f + history.Cores(slot)) / 3f);
        to.Write(MathF.Log(1f + history.MemoryBytes(slot) / 1e6f) / 12f);
    }

    private static void WriteOwn(ref FeatureWriter to, ReadOnlySpan<float> past, int first)
    {
        UtilizationStatistics statistics = new(past);
        foreach (int window in (ReadOnlySpan<int>)[12, 36, 288])
        {
            statistics.Extend(window);
            to.Write(statistics.Mean);
            to.Write(statistics.Peak);
            to.Write(statistics.Spread);
        }
        to.Write(UtilizationPast.Peak(past));
        BusySteps busy = new(past, first);
        to.Write(MathF.Sqrt(busy.BusyRateDay));
        to.Write(MathF.Sqrt(busy.BusyRateWeek));
        to.Write(MathF.Sqrt(busy.OnsetRateDay));
        to.Write(MathF.Sqrt(busy.OnsetRateWeek));
        // Where nothing is known, "never busy" is not known either.
        to.Write(past.IsEmpty ? 0f : MathF.Log(1f + busy.SinceBusy) / SinceScale);
        to.Write(past.IsEmpty ? 0f : MathF.Log(1f + busy.SinceOnset) / SinceScale);
        to.Write(past.IsEmpty ? 0f : MathF.Log(1f + past.Length - first) / SinceScale);
    }

    private void WriteRecurring(ref FeatureWriter to)
    {
        int week = 7 * _day;
        to.Write(Peak(_day, -1, 0));
        foreach (int next in (ReadOnlySpan<int>)[1, 3, 6, 12]) to.Write(Peak(_day, 0, next));
        to.Write(Peak(_day, -12, 0));
        to.Write(Peak(week, 0, 6));
        foreach (int next in (ReadOnlySpan<int>)[3, 12])
        {
            (float mean, float busy) = Recurring(_day, 1, 7, next);
            to.Write(mean);
            to.Write(busy);
        }
        // The hour before is left out: with reports withheld it would be unknown, and a feature should not change its meaning.
        to.Write(Recurring(_hour, 2, 7, 3).Mean);
    }

    private static void WriteCalendar(ref FeatureWriter to, long unixMs)
    {
        to.WriteAngle(unixMs % DayMs / (double)DayMs);
        to.WriteAngle(unixMs % HourMs / (double)HourMs);
        // 1970-01-01 was a Thursday.
        to.Write((unixMs / DayMs + 3) % 7 >= 5 ? 1f : 0f);
    }

    /// <summary>Mean of the peaks over the <paramref name="next"/> steps after each of the times some periods ago, and the share of them that were busy.</summary>
    private (float Mean, float Busy) Recurring(int period, int firstPeriod, int lastPeriod, int next)
    {
        float sum = 0f, busy = 0f;
        int count = 0;
        for (int k = firstPeriod; k <= lastPeriod; k++)
        {
            float peak = PeakOrNaN(k * period, 0, next);
            if (float.IsNaN(peak)) continue;
            count++;
            sum += peak;
            if (peak >= FeatureSet.Busy) busy++;
        }
        return count == 0 ? (0f, 0f) : (sum / count, busy / count);
    }

    private float Peak(int ago, int from, int to)
    {
        float peak = PeakOrNaN(ago, from, to);
        return float.IsNaN(peak) ? 0f : peak;
    }

    /// <summary>Peak over the steps (t - ago + from, t - ago + to]; NaN where nothing of it is known.</summary>
    private float PeakOrNaN(int ago, int from, int to)
    {
        // A period of 0 steps means that a step is longer than the period: it tells nothing.
        if (ago <= 0) return float.NaN;
        int begin = Math.Max(Steps - ago + from, 0), end = Math.Min(Steps - ago + to, Steps);
        return begin >= end ? float.NaN : UtilizationPast.PeakOrNaN(_past.AsSpan(begin, end - begin));
    }

    /// <summary>Steps in a period; 0 where it does not hold a whole number of them, since then nothing recurs at the same step.</summary>
    private static int PerPeriod(long periodMs, long stepMs) => periodMs % stepMs == 0 ? (int)(periodMs / stepMs) : 0;
}
