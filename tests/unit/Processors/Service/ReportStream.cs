using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Processors.Service;

/// <summary>
/// A partition of vm.metrics as agents fill it: several cells, reports out of order, late, twice, several in a record, agents that
/// join, leave, pause and start anew. The same seed gives the same stream.
/// </summary>
internal sealed record ReportStream(int Seed)
{
    public const long Start = 1_700_000_000_000;

    public int Cells { get; init; } = 2;

    public int VmsPerCell { get; init; } = 6;

    public int StepMs { get; init; } = 10_000;

    public int IntervalMs { get; init; } = 5_000;

    public int Steps { get; init; } = 60;

    /// <summary>Most reports arrive within so long; a few within ten times that.</summary>
    public int DelayMs { get; init; } = 2_000;

    public double Duplicates { get; init; } = .03;

    public double Late { get; init; } = .03;

    public double Lost { get; init; } = .03;

    /// <summary>Chance of a report that its agent was started anew just before: sequence numbers begin again.</summary>
    public double Restarts { get; init; } = .005;

    /// <summary>Chance of a report that its agent's clock was ahead by one to five minutes.</summary>
    public double Ahead { get; init; } = .01;

    /// <summary>Chance of a report that another machine has got the name just before; 0: agents tell no host.</summary>
    public double Rehosted { get; init; } = .003;

    /// <summary>Chance of a report that it tells of hypervisor, tenant or calls.</summary>
    public double Related { get; init; } = .1;

    /// <summary>So many of the VMs of each cell join or leave on the way.</summary>
    public int Passing { get; init; } = 2;

    /// <summary>All cells are silent from this step on for <see cref="SilentSteps"/>.</summary>
    public int SilentFrom { get; init; } = int.MaxValue;

    public int SilentSteps { get; init; }

    /// <summary>The last cell stops for good here, while the others go on.</summary>
    public int LastCellStops { get; init; } = int.MaxValue;

    public List<StreamRecord> Build()
    {
        Random random = new(Seed);
        List<(long Arrival, VmReport Report)> reports = [];
        for (int cell = 0; cell < Cells; cell++)
            for (int vm = 0; vm < VmsPerCell; vm++) AddVm(random, cell, vm, reports);
        List<StreamRecord> records = [];
        VmReports open = new();
        long arrival = 0;
        foreach ((long at, VmReport report) in reports.OrderBy(r => r.Arrival).ThenBy(r => r.Report.Cell, StringComparer.Ordinal).ThenBy(r => r.Report.Vm, StringComparer.Ordinal))
        {
            if (open.Reports.Count > 0 && (open.Reports[0].Cell != report.Cell || random.NextDouble() < .7)) Flush();
            open.Reports.Add(report);
            arrival = at;
        }
        Flush();
        return records;

        void Flush()
        {
            records.Add(new StreamRecord
            {
                Topic = Topics.VmMetrics.Name,
                Partition = 0,
                // Offsets have holes where transactions were marked.
                Offset = records.Count == 0 ? 5 : records[^1].Offset + 1 + (random.Next(10) == 0 ? 1 : 0),
                TimestampUnixMs = arrival,
                Key = Encoding.UTF8.GetBytes(open.Reports[0].Cell),
                Value = open.ToByteArray(),
            });
            open = new VmReports();
        }
    }

    private void AddVm(Random random, int cell, int vm, List<(long Arrival, VmReport Report)> reports)
    {
        long end = Math.Min(Steps, cell == Cells - 1 ? LastCellStops : int.MaxValue);
        long from = 0, to = end * StepMs;
        if (vm < Passing) (from, to) = random.Next(2) == 0 ? (random.NextInt64(to), to) : (0, random.NextInt64(to));
        int interval = IntervalMs * (1 + random.Next(3) / 2), phase = random.Next(interval);
        ulong sequence = (ulong)random.Next(1, 100);
        int host = 0;
        for (long t = from + phase + 1; t <= to; t += interval)
        {
            if (t / StepMs >= SilentFrom && t / StepMs < (long)SilentFrom + SilentSteps) continue;
            if (random.NextDouble() < Restarts) sequence = 0;
            if (random.NextDouble() < Rehosted) host++;
            long ahead = random.NextDouble() < Ahead ? random.Next(60_000, 300_000) : 0;
            VmReport report = Report(random, cell, vm, Start + t + ahead, interval, ++sequence);
            if (Rehosted > 0) report.HostId = $"host-{cell}-{vm}-{host}";
            if (random.NextDouble() < Related) Relate(random, report);
            if (random.NextDouble() < Lost) continue;
            long delay = random.NextDouble() < Late ? random.Next(DelayMs * 10) : random.Next(DelayMs);
            reports.Add((Start + t + delay, report));
            if (random.NextDouble() < Duplicates) reports.Add((Start + t + delay + random.Next(DelayMs * 10), report));
        }
    }

    private static void Relate(Random random, VmReport report)
    {
        switch (random.Next(3))
        {
            case 0: report.Hypervisor = $"node-{random.Next(3)}"; break;
            case 1: report.Tenant = $"tenant-{random.Next(2)}"; break;
            default: report.Calls.Add(new CallRate { Vm = "vm-" + (char)('a' + random.Next(26)), PerS = random.Next(1, 5) }); break;
        }
    }

    private VmReport Report(Random random, int cell, int vm, long time, int interval, ulong sequence)
    {
        // Two groups of VMs with a common rhythm each, so that there is something to find.
        double beat = Math.Sin(time / StepMs * (vm % 2 == 0 ? 1.7 : 2.9)) > 0 ? .7 : .1;
        VmReport report = new()
        {
            Cell = "cell-" + (char)('a' + cell),
            Vm = "vm-" + (char)('a' + vm * 7 % 26),
            TimeUnixMs = time,
            IntervalMs = (uint)interval,
            Sequence = sequence,
            Cores = random.Next(50) == 0 ? 8 : 4,
            MemoryBytes = 8_000_000_000,
            Own = new Signals(),
        };
        if (random.Next(20) > 0) report.Own.CpuUtilization = (float)(beat + random.NextDouble() * .2);
        if (random.Next(4) == 0) report.Own.CpuUtilizationPeak = random.NextSingle();
        if (random.Next(3) > 0) report.Own.MemoryUtilization = random.NextSingle();
        if (random.Next(3) > 0) report.Own.DiskRead = random.NextSingle() * 1e6f;
        if (random.Next(5) == 0) report.Functions = new FunctionsUse { CpuUtilization = random.NextSingle(), MemoryBytes = (ulong)random.Next(1_000_000) };
        return report;
    }
}
