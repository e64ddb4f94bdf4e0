using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Bridge.Spread;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Ingest.Bridge.Spread;

/// <summary>Both stages of a bridge over one foreign topic of several partitions, without Kafka: what is forwarded goes to one partition.</summary>
internal sealed class SpreadRig
{
    private readonly TopicSpec<MachinePoints> between;
    private readonly TopicSpec<BridgeProgress> progress;
    private readonly PointForwarder[] forwarders;
    private readonly BridgeOptions options;
    private readonly List<StreamRecord> forwarded = [];

    public SpreadRig(int partitions, BridgeOptions options)
    {
        between = Topics.MachinePointsOf(new TopicSpec { Name = "foreign", Key = "agent", Description = "what foreign agents send" }, partitions);
        progress = Topics.BridgeProgressOf(between);
        this.options = options;
        forwarders = [.. Enumerable.Range(0, partitions).Select(p => new PointForwarder(options, between, p))];
        Merger = NewMerger();
    }

    public RecordedOutput Output { get; } = new();

    public PointMerger Merger { get; private set; }

    /// <summary>Everything that was forwarded so far.</summary>
    public IReadOnlyList<StreamRecord> Forwarded => forwarded;

    public VmReport[] Reports => [.. Output.Values(Topics.VmMetrics).SelectMany(v => v.Reports)];

    public PointMerger NewMerger() => new(options, between, progress);

    /// <summary>Takes a record of a partition at a time of the wall.</summary>
    public void Take(in StreamRecord record, long nowUnixMs)
    {
        RecordedOutput said = new();
        forwarders[record.Partition].Process(record, said);
        Forward(said, nowUnixMs);
    }

    /// <summary>Nothing has come for so long, from anywhere or from one partition.</summary>
    public void BeQuiet(TimeSpan quiet, long nowUnixMs, int? partition = null)
    {
        Silence silence = new(partition is null ? quiet : TimeSpan.Zero, quiet);
        foreach (PointForwarder forwarder in partition is { } one ? [forwarders[one]] : forwarders)
        {
            if (!forwarder.HasWork(silence)) continue;
            RecordedOutput said = new();
            forwarder.Work(said);
            Forward(said, nowUnixMs);
        }
    }

    private void Forward(RecordedOutput said, long nowUnixMs)
    {
        Output.DeadLetters.AddRange(said.DeadLetters);
        foreach ((string topic, string key, byte[] value) in said.Records)
        {
            StreamRecord next = new() { Topic = topic, Partition = 0, Offset = forwarded.Count, TimestampUnixMs = nowUnixMs, Key = System.Text.Encoding.UTF8.GetBytes(key), Value = value };
            forwarded.Add(next);
            Merger.Process(next, Output);
        }
    }

    /// <summary>The second stage is gone, and begins anew behind what it has committed.</summary>
    public void Restart()
    {
        Merger = NewMerger();
        foreach ((string topic, string key, byte[] value) in Output.Records.Where(r => r.Topic == progress.Name))
            Merger.Restore(new StreamRecord { Topic = topic, Partition = 0, Offset = 0, TimestampUnixMs = 0, Key = System.Text.Encoding.UTF8.GetBytes(key), Value = value });
        long from = Merger.ReplayFrom(forwarded.Count);
        foreach (StreamRecord record in forwarded.Skip((int)from)) Merger.Process(record, new RecordedOutput());
    }

    /// <summary>The same records in one partition.</summary>
    public static VmReport[] InOnePartition(IEnumerable<StreamRecord> records, BridgeOptions options)
    {
        RecordedOutput output = new();
        BridgeProcessor processor = new(options);
        foreach (StreamRecord record in records) processor.Process(record with { Partition = 0 }, output);
        processor.CloseAll(output);
        return [.. output.Values(Topics.VmMetrics).SelectMany(v => v.Reports)];
    }

    public static string[] Sorted(IEnumerable<VmReport> reports) => [.. reports.OrderBy(r => r.Vm, StringComparer.Ordinal).ThenBy(r => r.TimeUnixMs).Select(r => JsonFormatter.Default.Format(r))];
}
