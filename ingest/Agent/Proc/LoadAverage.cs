using System.Globalization;

namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Processes that want to run, averaged over 1, 5 and 15 minutes: /proc/loadavg (proc_loadavg(5)).</summary>
public readonly record struct LoadAverage(double Load1m, double Load5m, double Load15m)
{
    /// <summary>Null when the text is not that of /proc/loadavg.</summary>
    public static LoadAverage? Parse(ReadOnlySpan<char> loadavg)
    {
        TextFields fields = new(loadavg);
        return Number(fields.Next(), out double one) && Number(fields.Next(), out double five) && Number(fields.Next(), out double fifteen)
            ? new LoadAverage(one, five, fifteen)
            : null;
    }

    private static bool Number(ReadOnlySpan<char> field, out double load) => double.TryParse(field, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out load);
}
