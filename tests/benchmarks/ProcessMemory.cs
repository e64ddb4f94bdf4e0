using System.Globalization;

namespace Pipeline.Tests.Benchmarks;

/// <summary>Resident memory as Linux counts it (proc(5): VmRSS, VmHWM), MiB.</summary>
internal static class ProcessMemory
{
    public static double NowMiB => Read("self", "VmRSS:");

    /// <summary>Of another process.</summary>
    public static double OfMiB(int process) => Read(process.ToString(CultureInfo.InvariantCulture), "VmRSS:");

    /// <summary>Since the start, or since <see cref="ForgetPeak"/>.</summary>
    public static double PeakMiB => Read("self", "VmHWM:");

    /// <summary>Collects what is dead, and lets the peak begin anew (proc(5): clear_refs, 5).</summary>
    public static void ForgetPeak()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    private static double Read(string process, string name)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) / 1024.0;
    }
}
