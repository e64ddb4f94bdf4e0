using System.Globalization;
using Pipeline.Infra.Randomness;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>
/// A fleet whose every report is a function of VM and round: each VM reports once in an interval, at its own moment of it, so that the
/// reports of a round come out of order as agents' do. All signals are there, as our agent sends them; every second VM runs functions.
/// </summary>
internal sealed record ReportFleet(int Vms, int Cells, int IntervalMs)
{
    /// <summary>A multiple of 5 minutes after the epoch, so that the first step is a full one.</summary>
    public const long StartUnixMs = 1_700_000_100_000;

    private readonly string[] names = [.. Enumerable.Range(0, Vms).Select(v => "vm-" + v.ToString("000000", CultureInfo.InvariantCulture))];
    private readonly string[] cells = [.. Enumerable.Range(0, Cells).Select(c => "cell-" + c.ToString("00", CultureInfo.InvariantCulture))];

    public string CellName(int cell) => cells[cell];

    public int CellOf(int vm) => vm % Cells;

    /// <summary>Cells are dealt out evenly: a hash of so few keys would not.</summary>
    public static int PartitionOf(int cell) => cell % Topics.DefaultPartitions;

    /// <summary>Event time of a report, Unix milliseconds.</summary>
    public long TimeOf(int vm, int round) => StartUnixMs + (long)round * IntervalMs + 1 + (long)(Mix((ulong)vm) % (ulong)IntervalMs);

    /// <summary>A report to be filled again and again.</summary>
    public static VmReport Empty() => new() { Own = new Signals() };

    public void Fill(VmReport report, int vm, int round)
    {
        ulong state = Mix(((ulong)vm << 32) + (ulong)round);
        report.Vm = names[vm];
        report.Cell = cells[CellOf(vm)];
        report.TimeUnixMs = TimeOf(vm, round);
        report.IntervalMs = (uint)IntervalMs;
        report.Sequence = (ulong)round + 1;
        report.Cores = 4 << (vm % 3);
        report.MemoryBytes = 8UL << 30 << (vm % 3);
        Signals own = report.Own;
        own.CpuUtilization = Next() * .8f;
        own.CpuUtilizationPeak = own.CpuUtilization + Next() * .2f;
        own.CpuSteal = Next() * .01f;
        own.CpuIowait = Next() * .05f;
        own.MemoryUtilization = Next();
        own.DiskRead = Next() * 1e6f;
        own.DiskWrite = Next() * 1e6f;
        own.NetworkReceive = Next() * 1e7f;
        own.NetworkTransmit = Next() * 1e7f;
        own.Load1M = Next() * 8;
        report.Functions = vm % 2 == 0 ? null : report.Functions ?? new FunctionsUse();
        if (report.Functions is not { } functions) return;
        functions.CpuUtilization = Next() * .2f;
        functions.MemoryBytes = (ulong)(Next() * (1 << 30));

        float Next()
        {
            state = Mix(state);
            return (state >> 40) * (1f / (1 << 24));
        }
    }

    private static ulong Mix(ulong value) => new SplitMix(value).Next();
}
