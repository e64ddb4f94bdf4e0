using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Snapshots;

/// <summary>One cell whose CPU comes step by step from a file of float32 [steps, VMs], so that the fleet's past is not in the memory that is measured.</summary>
internal sealed class StepFleet : IDisposable
{
    public const int StepMs = 300_000;
    private const string Cell = "cell";
    private const long FirstStep = 5_666_667;

    private static readonly byte[] Key = Encoding.UTF8.GetBytes(Cell);

    private readonly string[] names;
    private readonly float[] cpu;
    private readonly FileStream source;
    private long offset;

    public StepFleet(string file, int vms)
    {
        names = [.. Enumerable.Range(0, vms).Select(v => "vm-" + v.ToString("000000", CultureInfo.InvariantCulture))];
        cpu = new float[vms];
        source = File.OpenRead(file);
    }

    /// <summary>Writes the file.</summary>
    public static void Write(string file, int vms, int steps, int seed)
    {
        float[] values = new SyntheticFleet(vms, steps, seed).Cpu(missing: .01), row = new float[vms];
        using FileStream to = File.Create(file);
        for (int step = 0; step < steps; step++)
        {
            for (int vm = 0; vm < vms; vm++) row[vm] = values[((long)vm * steps) + step];
            to.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    /// <summary>The next step, as it was published.</summary>
    public IEnumerable<StreamRecord> NextPublished(int number)
    {
        Read();
        int chunks = (names.Length + Topics.ChunkVms - 1) / Topics.ChunkVms;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            StepChunk value = new()
            {
                Cell = Cell,
                StepEndUnixMs = (FirstStep + number) * StepMs,
                StepMs = StepMs,
                Chunk = (uint)chunk,
                Chunks = (uint)chunks,
                FinalUnixMs = (FirstStep + number - 3) * StepMs,
                PublishedAt = -1,
            };
            for (int vm = chunk * Topics.ChunkVms; vm < Math.Min(names.Length, (chunk + 1) * Topics.ChunkVms); vm++)
            {
                VmStep row = new() { Vm = names[vm], Cores = 8, MemoryBytes = 32UL << 30, LastSequence = (ulong)number };
                if (!float.IsNaN(cpu[vm])) (row.Reports, row.Own) = (1, Load(vm));
                value.Vms.Add(row);
            }
            yield return Record(Topics.VmSteps, value, 0);
        }
    }

    /// <summary>The next step, as its VMs report it at its end; every VM reports, so that the last one closes the step.</summary>
    public StreamRecord[] NextReported(int number)
    {
        Read();
        StreamRecord[] records = new StreamRecord[names.Length];
        for (int vm = 0; vm < names.Length; vm++)
        {
            VmReport report = new()
            {
                Vm = names[vm],
                Cell = Cell,
                TimeUnixMs = (FirstStep + number) * StepMs,
                IntervalMs = StepMs,
                Sequence = (ulong)number,
                Cores = 8,
                MemoryBytes = 32UL << 30,
                Own = Load(vm),
            };
            if (float.IsNaN(cpu[vm])) report.Own.ClearCpuUtilization();
            records[vm] = Record(Topics.VmMetrics, new VmReports { Reports = { report } }, report.TimeUnixMs);
        }
        return records;
    }

    public void Dispose() => source.Dispose();

    private Signals Load(int vm) => new()
    {
        CpuUtilization = cpu[vm],
        MemoryUtilization = .3f + (vm % 7 * .1f),
        DiskRead = 1000 * (vm % 11),
        DiskWrite = 1000 * (vm % 13),
        NetworkReceive = 10_000 * (vm % 17),
        NetworkTransmit = 10_000 * (vm % 19),
    };

    private StreamRecord Record<T>(TopicSpec<T> topic, T value, long timestampUnixMs)
        where T : IMessage<T> => new()
        {
            Topic = topic.Name,
            Partition = 0,
            Offset = offset++,
            TimestampUnixMs = timestampUnixMs,
            Key = Key,
            Value = value.ToByteArray(),
        };

    private void Read() => source.ReadExactly(MemoryMarshal.AsBytes(cpu.AsSpan()));
}
