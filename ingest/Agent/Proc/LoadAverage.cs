using System.Globalization;

namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Processes that want to run, averaged over a minute: /proc/loadavg (proc_loadavg(5)).</summary>
public static class LoadAverage
{
    /// <summary>Null when the text is not that of /proc/loadavg.</summary>
    public static double? Parse(ReadOnlySpan<char> loadavg)
    {
        TextFields fields = new(loadavg);
        return double.TryParse(fields.Next(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double load) ? load : null;
    }
}
