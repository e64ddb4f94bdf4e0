namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Watches one subject's distance from its profile. Level shifts: two-sided cumulative sums (E. S. Page, "Continuous inspection schemes",
/// Biometrika 41, 1954) of the distance, cut so that one outlier is no shift, over what it usually strays (its own decayed scale). Silence: no
/// reports for longer than any gap before. New periods: the distances of the last days repeat themselves at a lag at which they did not before.
/// After a finding it is quiet for a day. State: 4 bytes for each slot of a week.
/// </summary>
public sealed class ChangeDetector
{
    /// <summary>Distances are cut here, standard deviations: a shift needs several slots.</summary>
    private const double CutAt = 4;

    /// <summary>Drift of the sums: shifts of twice this are found soonest.</summary>
    private const double Drift = 1;

    /// <summary>Sum at which a shift is told.</summary>
    private const double Threshold = 14;

    /// <summary>Days of slots that a profile has to have seen.</summary>
    private const int DaysMin = 4;

    /// <summary>Correlation of the distances with themselves one period before, and with themselves two before.</summary>
    private const double PeriodMin = .7;

    /// <summary>Correlation below which a period that was told is over.</summary>
    private const double PeriodOver = .3;

    /// <summary>Days in which a level becomes what is compared with.</summary>
    private const int LevelDays = 4;

    /// <summary>Slots without report that are a silence.</summary>
    private const int SilentSlotsMin = 2;

    private readonly int perDay;
    private readonly float[] recent;
    private double up;
    private double down;
    private long upSince;
    private long downSince;
    private double usual = 1;
    private int seen;
    private int silent;
    private int longestGap;
    private long quietUntil = long.MinValue;
    private bool silenceTold;
    private double level;
    private int periodTold;
    private long periodFrom = long.MinValue;

    public ChangeDetector(SlotClock clock)
    {
        perDay = clock.SlotsPerDay;
        recent = new float[4 * perDay];
        recent.AsSpan().Fill(float.NaN);
    }

    /// <summary>Mean distance over the slots since one, standard deviations; NaN: too long ago or not known.</summary>
    public double MeanSince(long start, long now)
    {
        if (now - start >= recent.Length) return double.NaN;
        double sum = 0;
        int n = 0;
        for (long s = start; s <= now; s++)
        {
            float d = recent[Place(s)];
            if (float.IsNaN(d)) continue;
            sum += d;
            n++;
        }
        return n == 0 ? double.NaN : sum / n;
    }

    /// <summary>A slot is over.</summary>
    /// <param name="slot">Which; one more than the last.</param>
    /// <param name="steps">Steps in which there were reports.</param>
    /// <param name="distance">From the profile, standard deviations; NaN: not known.</param>
    public Change? Observe(long slot, int steps, double distance)
    {
        recent[Place(slot)] = (float)distance;
        if (steps == 0) return Silent(slot);
        longestGap = Math.Max(longestGap, silent);
        (silent, silenceTold) = (0, false);
        if (double.IsNaN(distance)) return null;
        seen++;
        double size = Math.Min(Math.Abs(distance), 2 * CutAt);
        // Grows at once with what is usual, so that a restless subject is told less often.
        usual += (size - usual) / Math.Min(seen, 7 * perDay);
        if (seen < DaysMin * perDay) return null;
        return Shift(slot, distance) ?? (slot % (perDay / 4) == 0 ? Period(slot) : null);
    }

    private Change? Silent(long slot)
    {
        silent++;
        if (silenceTold || seen < perDay || silent < Math.Max(SilentSlotsMin, longestGap + 1)) return null;
        silenceTold = true;
        return new Change(ChangeKind.Silence, slot - silent + 1, slot, silent);
    }

    private Change? Shift(long slot, double distance)
    {
        double d = Math.Clamp((distance - level) / Math.Max(1, usual * 1.25), -CutAt, CutAt);
        // The profile takes weeks to come to a new level: until then it is not news.
        level += (Math.Clamp(distance, -2 * CutAt, 2 * CutAt) - level) / (LevelDays * perDay);
        if (up == 0) upSince = slot;
        if (down == 0) downSince = slot;
        up = Math.Max(0, up + d - Drift);
        down = Math.Max(0, down - d - Drift);
        if (slot < quietUntil || (up < Threshold && down < Threshold)) return null;
        long start = up >= Threshold ? upSince : downSince;
        (up, down) = (0, 0);
        quietUntil = slot + perDay;
        double strength = MeanSince(Math.Max(start, slot - recent.Length + 1), slot);
        level = strength;
        periodFrom = start;
        return new Change(ChangeKind.LevelShift, start, slot, strength);
    }

    /// <summary>The shortest lag, from 3 slots to a day less one, at which the last two days, or those since the last level shift, correlate with themselves shifted once and twice.</summary>
    private Change? Period(long slot)
    {
        if (periodTold > 0)
        {
            if (Correlation(slot, periodTold) < PeriodOver) periodTold = 0;
            return null;
        }
        for (int lag = 3; lag < perDay; lag++)
        {
            if (Correlation(slot, lag) < PeriodMin || Correlation(slot, 2 * lag) < PeriodMin) continue;
            periodTold = lag;
            return new Change(ChangeKind.NewPeriod, Math.Max(slot - (2 * perDay) + 1, periodFrom), slot, Correlation(slot, lag), lag);
        }
        return null;
    }

    private double Correlation(long slot, int lag)
    {
        double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
        int n = 0;
        for (long s = slot - (2 * perDay) + 1; s <= slot; s++)
        {
            // A step in the level correlates with itself at any lag: only what came behind it counts.
            if (s - lag <= slot - recent.Length || s - lag < periodFrom) continue;
            float x = recent[Place(s)], y = recent[Place(s - lag)];
            if (float.IsNaN(x) || float.IsNaN(y)) continue;
            x = Math.Clamp(x, -(float)CutAt, (float)CutAt);
            y = Math.Clamp(y, -(float)CutAt, (float)CutAt);
            (sx, sy, xx, yy, xy, n) = (sx + x, sy + y, xx + (x * x), yy + (y * y), xy + (x * y), n + 1);
        }
        if (n < perDay) return 0;
        double vx = (xx / n) - (sx / n * (sx / n)), vy = (yy / n) - (sy / n * (sy / n));
        return vx < .25 || vy < .25 ? 0 : ((xy / n) - (sx / n * (sy / n))) / Math.Sqrt(vx * vy);
    }

    private int Place(long slot) => (int)(((slot % recent.Length) + recent.Length) % recent.Length);
}
