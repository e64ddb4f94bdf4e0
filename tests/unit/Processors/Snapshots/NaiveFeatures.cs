namespace Pipeline.Tests.Unit.Processors.Snapshots;

/// <summary>The features by their definitions, one formula each, with no thought of speed.</summary>
internal static class NaiveFeatures
{
    public static float[] RandomPast(int length, double gaps, int seed)
    {
        Random random = new(seed);
        float[] u = new float[length];
        float level = 0.3f;
        for (int i = 0; i < length; i++)
        {
            if (random.NextDouble() < 0.05) level = random.NextSingle() * 1.1f;
            // Gaps come in runs, some longer than what is filled.
            bool gap = random.NextDouble() < gaps * 0.2;
            int run = gap ? random.Next(1, 30) : 1;
            for (int k = 0; k < run && i + k < length; k++) u[i + k] = gap ? float.NaN : level + random.NextSingle() * 0.05f;
            i += run - 1;
        }
        return u;
    }

    /// <param name="u">Utilisation, newest last.</param>
    /// <param name="newest">Number of the newest 5-minute step.</param>
    /// <param name="withheld">Newest steps that are not known.</param>
    public static Dictionary<string, double> Compute(float[] u, long newest, int withheld)
    {
        int lastKnown = -1, firstKnown = int.MaxValue;
        for (int ago = 2015; ago >= withheld; ago--)
        {
            if (double.IsNaN(Raw(u, ago))) continue;
            if (firstKnown == int.MaxValue) firstKnown = ago;
            lastKnown = ago;
        }
        double At(int ago) => Filled(u, ago, withheld);
        Dictionary<string, double> f = [];
        foreach (int w in new[] { 12, 36, 288 })
        {
            double[] known = lastKnown < 0 ? [] : [.. Enumerable.Range(lastKnown, w).Where(a => a < 2016).Select(At).Where(v => !double.IsNaN(v))];
            f[$"mean_{w}"] = known.Length == 0 ? 0 : known.Average();
            f[$"peak_{w}"] = known.Length == 0 ? 0 : known.Max();
            f[$"spread_{w}"] = known.Length == 0 ? 0 : Math.Sqrt(known.Average(v => (v - known.Average()) * (v - known.Average())));
        }
        AddBusy(f, At, lastKnown, firstKnown);
        AddRecurring(f, At);
        double day = newest * 300_000 % 86_400_000 / 86_400_000.0 * 2 * Math.PI, hour = newest * 300_000 % 3_600_000 / 3_600_000.0 * 2 * Math.PI;
        (f["day_sin"], f["day_cos"], f["hour_sin"], f["hour_cos"]) = (Math.Sin(day), Math.Cos(day), Math.Sin(hour), Math.Cos(hour));
        return f;
    }

    private static void AddBusy(Dictionary<string, double> f, Func<int, double> at, int lastKnown, int firstKnown)
    {
        int[] past = lastKnown < 0 ? [] : [.. Enumerable.Range(lastKnown, firstKnown - lastKnown + 1)];
        f["peak_2016"] = past.Select(at).Where(v => !double.IsNaN(v)).DefaultIfEmpty(0).Max();
        bool Busy(int ago) => at(ago) >= 0.8f;
        int[] busy = [.. past.Where(Busy)];
        int[] onsets = [.. busy.Where(a => a != firstKnown && !Busy(a + 1))];
        foreach (int c in new[] { 288, 2016 })
        {
            double Weight(int ago) => Math.Pow(1 - 1.0 / c, ago - lastKnown);
            f[$"busy_{c}"] = past.Length == 0 ? 0 : Math.Sqrt(busy.Sum(Weight) / past.Sum(Weight));
            f[$"onset_{c}"] = past.Length == 0 ? 0 : Math.Sqrt(onsets.Sum(Weight) / past.Sum(Weight));
        }
        f["since_busy"] = past.Length == 0 ? 0 : Math.Log(1 + (busy.Length == 0 ? 2016 : busy.Min() - lastKnown)) / 8;
        f["since_onset"] = past.Length == 0 ? 0 : Math.Log(1 + (onsets.Length == 0 ? 2016 : onsets.Min() - lastKnown)) / 8;
        f["known"] = past.Length == 0 ? 0 : Math.Log(1 + past.Length) / 8;
    }

    private static void AddRecurring(Dictionary<string, double> f, Func<int, double> at)
    {
        // Peak over the steps (t - ago, t - ago + next]; NaN where nothing is known.
        double Next(int ago, int next) =>
            Enumerable.Range(ago - next, next).Where(a => a is >= 0 and < 2016).Select(at).Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Max();
        double Known(double v) => double.IsNaN(v) ? 0 : v;
        f["yesterday"] = Known(at(288));
        foreach (int h in new[] { 1, 3, 6, 12 }) f[$"yesterday_next_{h}"] = Known(Next(288, h));
        f["yesterday_last_12"] = Known(Next(288 + 12, 12));
        f["last_week_next_6"] = Known(Next(2016, 6));
        foreach (int h in new[] { 3, 12 })
        {
            double[] days = [.. Enumerable.Range(1, 7).Select(d => Next(d * 288, h)).Where(v => !double.IsNaN(v))];
            f[$"week_next_{h}"] = days.Length == 0 ? 0 : days.Average();
            f[$"week_busy_{h}"] = days.Length == 0 ? 0 : days.Average(v => v >= 0.8f ? 1 : 0);
        }
        f["hours_next_3"] = Enumerable.Range(2, 6).Select(k => Next(k * 12, 3)).Where(v => !double.IsNaN(v)).DefaultIfEmpty(0).Average();
    }

    private static double Raw(float[] u, int ago) => ago < 0 || ago >= u.Length ? double.NaN : Math.Clamp(u[^(ago + 1)], 0f, 1f);

    private static double Filled(float[] u, int ago, int withheld)
    {
        if (ago < withheld) return double.NaN;
        for (int back = 0; back <= 12 && ago + back < 2016; back++)
            if (!double.IsNaN(Raw(u, ago + back))) return Raw(u, ago + back);
        return double.NaN;
    }
}
