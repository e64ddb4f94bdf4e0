using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;
using Pipeline.Processors.History;
using Pipeline.Processors.Service;
using Pipeline.Processors.Snapshots;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Predictor.Samples;

/// <summary>A model must be served what it was trained on: live snapshots and training samples of the same VM and time are the same bits.</summary>
public sealed class LiveSnapshotTests
{
    private const int Vms = 12, Slots = 400, SlotMs = 300_000;

    private static readonly InputSignature Signature = TestModel.Signature with
    {
        Signals = SignalSet.Names,
        FeatureSet = FeatureSet.Version,
        Features = FeatureSet.Names,
        Neighbours = 16,
    };

    private static readonly FleetTrace Trace = Fleet();

    [Fact]
    public void A_sample_has_the_bits_of_the_live_snapshot()
    {
        TraceSnapshots offline = TraceSnapshotBuilder.Build(Trace, "test", _ => true, TraceSnapshotBuilder.Ages([]));
        int compared = 0, edges = 0;
        foreach (SnapshotChunk chunk in LiveSnapshots())
        {
            int slot = (int)((chunk.StepEndUnixMs - Trace.StartUnixMs) / SlotMs) - 1;
            SnapshotReader live = new(Signature);
            live.Read(TestModel.Views(chunk));
            InputBuffers sample = Sample(offline, slot);
            for (int row = 0; row < chunk.Vm.Count; row++, compared++)
            {
                int vm = offline.Vms.ToList().IndexOf(chunk.Vm[row]);
                Assert.Equal(Bits(sample.Window, vm, 36 * sample.Channels), Bits(live.Inputs.Window, row, 36 * sample.Channels));
                Assert.Equal(Bits(sample.Features, vm, FeatureSet.Count), Bits(live.Inputs.Features, row, FeatureSet.Count));
                Assert.Equal(Bits(sample.Weights, vm, 16), Bits(live.Inputs.Weights, row, 16));
                Assert.Equal(sample.Age[vm], live.Inputs.Age[row]);
                Assert.Equal(Names(sample.Neighbours, vm, offline.Vms), Names(live.Inputs.Neighbours, row, chunk.Vm));
                edges += live.Inputs.Weights.AsSpan(row * 16, 16).ToArray().Count(w => w != 0);
            }
        }
        Assert.True(compared > Slots * Vms / 2, $"{compared} rows were compared");
        Assert.True(edges > Slots, $"{edges} edges were compared");
    }

    [Fact]
    public void Withheld_reports_look_like_reports_that_never_came()
    {
        const int Stale = 3, Slot = 300;
        TraceSnapshots whole = TraceSnapshotBuilder.Build(Trace, "test", s => s == Slot, TraceSnapshotBuilder.Ages([Stale]));
        FleetTrace silent = Trace.Slice(0, Slots, [.. Enumerable.Range(0, Vms)]);
        for (int s = Slot - Stale + 1; s <= Slot; s++)
        {
            silent.Cpu[s * Vms + 5] = float.NaN;
            silent.Memory![s * Vms + 5] = float.NaN;
        }
        TraceSnapshots cut = TraceSnapshotBuilder.Build(silent, "test", s => s == Slot, TraceSnapshotBuilder.Ages([]));
        InputBuffers withheld = new(Signature), missing = new(Signature);
        withheld.Reset(1);
        missing.Reset(1);
        new SampleWriter(whole, Signature).WriteOwn(withheld, 0, Slot, 5, Stale, whole.Rows[Slot]!.Withheld[0].Features);
        new SampleWriter(cut, Signature).WriteOwn(missing, 0, Slot, 5, 0, cut.Rows[Slot]!.Features);
        Assert.Equal(missing.Window, withheld.Window);
        Assert.Equal(missing.Features, withheld.Features);
        Assert.Equal(Stale, withheld.Age[0]);
    }

    private static InputBuffers Sample(TraceSnapshots offline, int slot)
    {
        InputBuffers inputs = new(Signature);
        inputs.Reset(Vms);
        SampleWriter writer = new(offline, Signature);
        for (int vm = 0; vm < Vms; vm++)
        {
            writer.WriteOwn(inputs, vm, slot, vm, 0, offline.Rows[slot]!.Features);
            writer.WriteNeighbours(inputs, vm, offline.Rows[slot]!, vm, [.. Enumerable.Range(0, Vms)]);
        }
        return inputs;
    }

    private static int[] Bits(float[] values, int row, int width) => [.. values.Skip(row * width).Take(width).Select(BitConverter.SingleToInt32Bits)];

    private static string[] Names(long[] neighbours, int row, IReadOnlyList<string> vms) => [.. neighbours.Skip(row * 16).Take(16).Select(n => vms[(int)n])];

    /// <summary>VMs that share a rhythm in two groups, with gaps, one that begins late, and one that stays away for longer than a day.</summary>
    private static FleetTrace Fleet()
    {
        Random random = new(1);
        float[] cpu = new float[Slots * Vms], memory = new float[Slots * Vms];
        for (int slot = 0; slot < Slots; slot++)
        {
            float[] rhythm = [random.NextSingle(), random.NextSingle()];
            for (int vm = 0; vm < Vms; vm++)
            {
                bool missing = random.Next(20) == 0 || (vm == 3 && slot < 100) || (vm == 4 && slot is > 60 and < 370);
                cpu[slot * Vms + vm] = missing ? float.NaN : 0.6f * rhythm[vm % 2] + 0.4f * random.NextSingle();
                memory[slot * Vms + vm] = missing || random.Next(10) == 0 ? float.NaN : random.NextSingle();
            }
        }
        return new FleetTrace
        {
            Vms = [.. Enumerable.Range(0, Vms).Select(v => $"vm{v:D2}")],
            Cores = [.. Enumerable.Range(1, Vms).Select(v => (float)v)],
            MemoryBytes = [.. Enumerable.Range(1, Vms).Select(v => (ulong)v << 30)],
            StartUnixMs = 1_700_000_100_000,
            SlotMs = SlotMs,
            SlotCount = Slots,
            Cpu = cpu,
            Memory = memory,
        };
    }

    /// <summary>The snapshots that the processors publish when the trace's VMs report.</summary>
    private static List<SnapshotChunk> LiveSnapshots()
    {
        StepProcessor processor = new(new StepOptions());
        Recorder output = new();
        ulong sequence = 0;
        long offset = 0;
        for (int slot = 0; slot < Slots; slot++)
        {
            long end = Trace.SlotStartUnixMs(slot + 1);
            for (int vm = 0; vm < Vms; vm++)
            {
                int at = slot * Vms + vm;
                if (float.IsNaN(Trace.Cpu[at]) && float.IsNaN(Trace.Memory![at])) continue;
                VmReport report = new()
                {
                    Vm = Trace.Vms[vm],
                    Cell = "c",
                    TimeUnixMs = end,
                    IntervalMs = SlotMs,
                    Sequence = ++sequence,
                    Cores = Trace.Cores[vm],
                    MemoryBytes = Trace.MemoryBytes[vm],
                    Own = new Signals(),
                };
                if (!float.IsNaN(Trace.Cpu[at])) report.Own.CpuUtilization = Trace.Cpu[at];
                if (!float.IsNaN(Trace.Memory![at])) report.Own.MemoryUtilization = Trace.Memory[at];
                processor.Process(new StreamRecord
                {
                    Topic = Topics.VmMetrics.Name,
                    Partition = 0,
                    Offset = offset++,
                    TimestampUnixMs = end,
                    Key = Encoding.UTF8.GetBytes("c"),
                    Value = new VmReports { Reports = { report } }.ToByteArray(),
                }, output);
            }
        }
        Assert.Empty(output.Reasons);
        // A VM that was silent before may report after its step has closed: the step's last revision has it.
        return [.. output.Snapshots.GroupBy(c => c.StepEndUnixMs).Select(g => g.Last())];
    }

    private sealed class Recorder : IOutput
    {
        public List<SnapshotChunk> Snapshots { get; } = [];

        public List<string> Reasons { get; } = [];

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T>
        {
            if (value is SnapshotChunk chunk) Snapshots.Add(SnapshotChunk.Parser.ParseFrom(chunk.ToByteArray()));
        }

        public void DeadLetter(in StreamRecord record, string reason) => Reasons.Add(reason);
    }
}
