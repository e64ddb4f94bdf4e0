using System.Text;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Replay.Foreign;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Ingest.Bridge;

/// <summary>What the replay sends in another agent's format comes out of the bridge as the reports that it was made of.</summary>
public sealed class ForeignRoundTripTests
{
    private const long Start = 1_795_415_100_000;
    private const int IntervalMs = 10_000, Vms = 5, Steps = 20;

    [Fact]
    public void By_telegraf() => Check(new TelegrafInfluxFormat());

    [Fact]
    public void By_the_collector() => Check(new OtlpProtoFormat());

    private static void Check(IForeignFormat format)
    {
        Random random = new(3);
        BridgeProcessor bridge = new(new BridgeOptions { CellAttribute = "cell" });
        RecordedOutput output = new();
        Dictionary<(string, long), VmReport> sent = [];
        long offset = 0;
        for (int step = 0; step < Steps; step++)
            for (int vm = 0; vm < Vms; vm++)
            {
                VmReport report = Report(random, vm, step);
                sent[(report.Vm, report.TimeUnixMs)] = report;
                foreach ((string? key, byte[] value) in format.Encode(report))
                    bridge.Process(new StreamRecord { Topic = format.Topic, Partition = 0, Offset = offset++, TimestampUnixMs = report.TimeUnixMs, Key = Encoding.UTF8.GetBytes(key ?? ""), Value = value }, output);
            }
        bridge.CloseAll(output);
        Assert.Empty(output.DeadLetters);
        VmReport[] found = [.. output.Values(Topics.VmMetrics).SelectMany(v => v.Reports)];
        // The first scrape is what the second's counters begin from.
        Assert.Equal(Vms * (Steps - 1), found.Length);
        foreach (VmReport report in found)
        {
            VmReport wanted = sent[(report.Vm, report.TimeUnixMs)];
            Assert.Equal((wanted.Cell, wanted.IntervalMs, wanted.Cores, wanted.MemoryBytes), (report.Cell, report.IntervalMs, report.Cores, report.MemoryBytes));
            Assert.Equal(wanted.Own.CpuUtilization, report.Own.CpuUtilization, 1e-5f);
            Assert.Equal(wanted.Own.CpuSteal, report.Own.CpuSteal, 1e-5f);
            Assert.Equal(wanted.Own.MemoryUtilization, report.Own.MemoryUtilization, 1e-5f);
            Assert.Equal(wanted.Own.DiskRead, report.Own.DiskRead, 1f);
            Assert.Equal(wanted.Own.NetworkTransmit, report.Own.NetworkTransmit, 1f);
            Assert.Equal(wanted.Own.Load1M, report.Own.Load1M, 1e-5f);
        }
    }

    private static VmReport Report(Random random, int vm, int step) => new()
    {
        Vm = $"vm-{vm}",
        Cell = $"cell-{vm % 2}",
        TimeUnixMs = Start + (step * IntervalMs),
        IntervalMs = IntervalMs,
        Sequence = (ulong)step + 1,
        Cores = 4,
        MemoryBytes = 16ul << 30,
        Own = new Signals
        {
            CpuUtilization = .3f + (.6f * random.NextSingle()),
            CpuSteal = .1f * random.NextSingle(),
            CpuIowait = .05f * random.NextSingle(),
            MemoryUtilization = random.NextSingle(),
            DiskRead = random.Next(1_000_000),
            DiskWrite = random.Next(1_000_000),
            NetworkReceive = random.Next(1_000_000),
            NetworkTransmit = random.Next(1_000_000),
            Load1M = random.NextSingle() * 4,
        },
    };
}
