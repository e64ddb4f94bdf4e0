using Pipeline.Infra.Streaming;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>One partition of vm.metrics: hands the reports to their cells, and makes sure that all of them can be rebuilt from one offset.</summary>
public sealed class StepProcessor(StepOptions options) : IProcessor
{
    private readonly SortedDictionary<string, CellProcessor> cells = new(StringComparer.Ordinal);
    private long replayFrom;

    public void Process(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.VmMetrics, output, out VmReports reports)) return;
        long offset = record.Offset;
        foreach (VmReport report in reports.Reports) Of(report.Cell).Take(report, offset, () => FirstNeeded(offset), output);
    }

    public void Restore(in StreamRecord record)
    {
        RecordContext context = new(record.KeyText, record.TimestampUnixMs);
        if (record.Topic == Topics.VmSteps.Name)
        {
            StepChunk chunk = Read(Topics.VmSteps, record, context);
            Of(chunk.Cell).Restore(chunk);
            replayFrom = chunk.ReplayFrom;
        }
        else
        {
            CommunityChunk chunk = Read(Topics.GraphCommunities, record, context);
            Of(chunk.Cell).Restore(chunk);
        }
    }

    /// <summary>The last published step knows: it was written with the needs of every cell of the partition in mind.</summary>
    public long ReplayFrom(long committed) => replayFrom;

    /// <summary>A cell may have several VMs in one record, so the record being read is needed again whole unless nothing of it is open.</summary>
    private long FirstNeeded(long offset) => Math.Min(offset, cells.Values.Min(c => c.FirstOffset) ?? offset);

    private CellProcessor Of(string cell)
    {
        if (!cells.TryGetValue(cell, out CellProcessor? processor)) cells[cell] = processor = new CellProcessor(cell, options);
        return processor;
    }

    private static T Read<T>(TopicSpec<T> topic, in StreamRecord record, RecordContext context)
        where T : Google.Protobuf.IMessage<T> =>
        topic.TryRead(context, record.Value, out T value, out string reason)
            ? value
            : throw new InvalidDataException($"{record.Topic}[{record.Partition}] offset {record.Offset} was written by another version and cannot be restored: {reason}");
}
