using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>What one side needed for all records: from its first record until its group had committed the last, time of the wall and CPU time of its whole process.</summary>
internal sealed partial record SideResult(long Records, double Seconds, double CpuSeconds)
{
    /// <summary>What the time went into, where that is known.</summary>
    public string Note { get; init; } = "";

    public double PerSecond => Records / Seconds;

    public double PerCpuSecond => Records / CpuSeconds;

    /// <summary>The one line that every side prints.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"records={Records} seconds={Seconds:F3} cpu_s={CpuSeconds:F3} {Note}");

    public static SideResult Parse(string output)
    {
        Match match = Line().Match(output);
        if (!match.Success) throw new FormatException("no result in: " + output);
        return new(long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), Number(match.Groups[2]), Number(match.Groups[3])) { Note = match.Groups[4].Value.Trim() };
    }

    private static double Number(Group group) => double.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"records=(\d+) seconds=([\d.]+) .*?cpu_s=([\d.]+)(.*)")]
    private static partial Regex Line();
}
