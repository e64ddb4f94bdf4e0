using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;

namespace Pipeline.Tests.Benchmarks.Snapshots;

/// <summary>The hidden verb: one cell of a size in this process, its past restored, then two refreshes of the graph and what lies between.</summary>
internal static class SnapshotSideCommand
{
    public const string Name = "snapshot-side";

    private static readonly Option<string> Source = new("--source") { Required = true };
    private static readonly Option<int> Vms = CommonOptions.Int("--vms", "VMs", 10_000, 1, 100_000);
    private static readonly Option<int> Past = CommonOptions.Int("--past", "Steps restored", 900, 40, 10_000);
    private static readonly Option<int> Steps = CommonOptions.Int("--steps", "Steps measured", 24, 2, 10_000);

    public static Command Create()
    {
        Command command = new(Name) { Hidden = true };
        foreach (Option option in new Option[] { Source, Vms, Past, Steps }) command.Add(option);
        command.SetAction(parsed =>
        {
            using StepFleet fleet = new(parsed.GetValue(Source)!, parsed.GetValue(Vms));
            Run(fleet, parsed.GetValue(Vms), parsed.GetValue(Past), parsed.GetValue(Steps));
        });
        return command;
    }

    private static void Run(StepFleet fleet, int vms, int past, int steps)
    {
        StepOptions options = new();
        StepProcessor processor = new(options);
        for (int step = 0; step < past; step++)
            foreach (StreamRecord record in fleet.NextPublished(step)) processor.Restore(record);
        processor.ReplayFrom(0);
        // Compiled, and the first close after a restart out of the way.
        PartMeter meter = new();
        for (int step = past; step < past + 2; step++) Close(processor, fleet.NextReported(step), meter);
        ProcessMemory.ForgetPeak();
        double resident = ProcessMemory.NowMiB;
        List<IReadOnlyDictionary<string, double>> runs = [];
        long allocated = 0, bytes = 0;
        for (int step = past + 2; step < past + 2 + steps; step++)
        {
            StreamRecord[] records = fleet.NextReported(step);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Close(processor, records, meter);
            allocated += GC.GetTotalAllocatedBytes(precise: true) - before;
            bytes += meter.Bytes;
            runs.Add(new Dictionary<string, double>(meter.Parts));
        }
        Print(vms, runs, options.RefreshSteps);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{bytes / 1e6 / steps:F1} MB published a step, {allocated / 1e6 / steps:F0} MB allocated a step; resident {resident:F0} MiB before, at most {ProcessMemory.PeakMiB:F0} MiB\n"));
    }

    private static void Close(StepProcessor processor, StreamRecord[] records, PartMeter meter)
    {
        meter.Start();
        foreach (ref readonly StreamRecord record in records.AsSpan()[..^1]) processor.Process(record, meter);
        meter.End(PartMeter.Reports);
        processor.Process(records[^1], meter);
        if (meter.Bytes == 0) throw new UserException("the last report did not close its step");
    }

    /// <summary>What steps with a new graph take more than the others is the graph's and the communities', and is shared out over the steps between.</summary>
    private static void Print(int vms, List<IReadOnlyDictionary<string, double>> runs, int refreshSteps)
    {
        IReadOnlyDictionary<string, double>[] refreshed = [.. runs.OrderByDescending(r => r[PartMeter.Windows]).Take(runs.Count / refreshSteps)], plain = [.. runs.Except(refreshed)];
        List<(string Part, double Ms)> parts =
        [
            .. new[] { PartMeter.Reports, PartMeter.Windows, PartMeter.Features, PartMeter.Snapshots, PartMeter.Serialise }.Select(p => (p, plain.Average(r => r[p]))),
            (PartMeter.Graph, Excess(PartMeter.Windows)),
            (PartMeter.Communities, Excess(PartMeter.Features)),
        ];
        double total = parts.Sum(p => p.Ms);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {vms:N0} VMs | ms a step | share |\n|---|--:|--:|"));
        foreach ((string part, double ms) in parts) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {part} | {ms:N1} | {ms / total:P0} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| whole | {total:N1} | 100 % |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| beside it: patterns, with each new graph | {Excess(PartMeter.Snapshots):N1} | |"));
        double longest = runs.Max(r => r.Values.Sum());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| longest step | {longest:N0} | |"));

        double Excess(string part) => (refreshed.Average(r => r[part]) - plain.Average(r => r[part])) / refreshSteps;
    }
}
