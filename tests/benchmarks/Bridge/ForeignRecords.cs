using System.Text;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Replay.Foreign;
using Pipeline.Schemas;
using Pipeline.Tests.Benchmarks.Throughput;

namespace Pipeline.Tests.Benchmarks.Bridge;

/// <summary>What a fleet sends in another agent's format, and what all sides do with it.</summary>
internal static class ForeignRecords
{
    /// <summary>Machines of one partition, and how often each reports. A third of them has 4, 8 and 16 cores.</summary>
    public const int Vms = 300, Rounds = 20;

    private const int Cells = 2, IntervalMs = 10_000;

    public static StreamRecord[] Make(IForeignFormat format)
    {
        ReportFleet fleet = new(Vms, Cells, IntervalMs);
        VmReport report = ReportFleet.Empty();
        List<StreamRecord> records = [];
        for (int i = 0; i < Vms * Rounds; i++)
        {
            fleet.Fill(report, i % Vms, i / Vms);
            foreach ((string? key, byte[] value) in format.Encode(report))
                records.Add(new StreamRecord { Topic = format.Topic, Partition = 0, Offset = records.Count, TimestampUnixMs = report.TimeUnixMs, Key = Encoding.UTF8.GetBytes(key ?? ""), Value = value });
        }
        return [.. records];
    }

    public static int Decode(StreamRecord[] records, IPointDecoder decoder, List<MetricPoint> points, int wanted)
    {
        int count = 0;
        foreach (ref readonly StreamRecord record in records.AsSpan())
        {
            points.Clear();
            decoder.Decode(record.Value, record.TimestampUnixMs, points);
            count += points.Count;
        }
        return count == wanted ? count : throw new UserException($"{count} points instead of {wanted}");
    }

    /// <summary>Points, reports and their bytes.</summary>
    public static long Bridge(StreamRecord[] records, AgentFormat format)
    {
        BridgeProcessor processor = new(new BridgeOptions { Format = format, CellAttribute = "cell" });
        CountingOutput output = new();
        foreach (ref readonly StreamRecord record in records.AsSpan()) processor.Process(record, output);
        processor.CloseAll(output);
        // A machine's first scrape is what the second's counters begin from.
        return output.Reports == Vms * (Rounds - 1) ? output.Bytes : throw new UserException($"{output.Reports} reports instead of {Vms * (Rounds - 1)}");
    }

    /// <summary>Serialises what is published, as the loop would, and throws it away.</summary>
    private sealed class CountingOutput : IOutput
    {
        public long Bytes { get; private set; }

        public int Reports { get; private set; }

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T>
        {
            Bytes += value.ToByteArray().Length;
            Reports++;
        }

        public void DeadLetter(in StreamRecord record, string reason) => throw new UserException($"offset {record.Offset}: {reason}");
    }
}
