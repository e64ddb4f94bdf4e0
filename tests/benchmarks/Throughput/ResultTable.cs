using System.Globalization;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>Medians, spread and the ratios of medians, as a Markdown table.</summary>
internal static class ResultTable
{
    public static void Write(TextWriter to, IReadOnlyDictionary<string, List<SideResult>> results)
    {
        to.WriteLine();
        to.WriteLine("| side | runs | records/s: median (min - max) | records per CPU second: median (min - max) |");
        to.WriteLine("|---|--:|--:|--:|");
        foreach ((string side, List<SideResult> runs) in results)
            to.WriteLine(runs.Count == 0 ? $"| {side} | skipped | | |" : $"| {side} | {runs.Count} | {Spread(runs, r => r.PerSecond)} | {Spread(runs, r => r.PerCpuSecond)} |");
        to.WriteLine();
        foreach (string side in new[] { Sides.Windows, Sides.Steps })
            foreach (string other in new[] { Sides.Consume, Sides.KafkaStreams })
                if (Runs(side) is { } a && Runs(other) is { } b)
                    to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{side} / {other}: {Median(a, r => r.PerSecond) / Median(b, r => r.PerSecond):F2} per second, {Median(a, r => r.PerCpuSecond) / Median(b, r => r.PerCpuSecond):F2} per CPU second"));

        List<SideResult>? Runs(string side) => results.TryGetValue(side, out List<SideResult>? runs) && runs.Count > 0 ? runs : null;
    }

    private static string Spread(List<SideResult> runs, Func<SideResult, double> value) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(runs, value):N0} ({runs.Min(value):N0} - {runs.Max(value):N0})");

    private static double Median(List<SideResult> runs, Func<SideResult, double> value)
    {
        double[] sorted = [.. runs.Select(value).Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}
