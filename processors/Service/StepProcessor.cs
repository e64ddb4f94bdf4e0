using Pipeline.Infra.Streaming;
using Pipeline.Processors.Trust;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>One partition of vm.metrics: hands the reports to their cells, and makes sure that all of them can be restored from one offset.</summary>
public sealed class StepProcessor : IProcessor
{
    /// <summary>Cells are zones or scheduling domains: a partition with more of them than this is fed with something else as key.</summary>
    public const int CellsMax = 1000;

    /// <summary>
    /// A cell without a record for so long, by the timestamps of the others' records, has stopped: what it has open is closed and final.
    /// Otherwise its last reports would wait for ever, and every restart would read from there.
    /// </summary>
    public const long IdleMs = 3_600_000;

    /// <summary>How often idle cells are looked for.</summary>
    private const long IdleCheckMs = 60_000;

    private readonly StepOptions options;
    private readonly ReportGuard? guard;
    private readonly SortedDictionary<string, CellProcessor> cells = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CellProcessor>.AlternateLookup<ReadOnlySpan<byte>> cellsByKey;
    private readonly ReportIntake intake = new();
    private readonly Func<long> neededFrom;
    private long next;
    private long replayFrom;
    private long newestRecordMinute = long.MaxValue;

    /// <param name="options">How reports become steps.</param>
    /// <param name="guard">Refuses reports without a good signature; null: signatures are not looked at.</param>
    public StepProcessor(StepOptions options, ReportGuard? guard = null)
    {
        (this.options, this.guard) = (options, guard);
        cellsByKey = new Dictionary<string, CellProcessor>(NameComparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        neededFrom = NeededFrom;
    }

    public void Process(in StreamRecord record, IOutput output)
    {
        if (guard?.Check(record) is { } refusal)
        {
            output.DeadLetter(record, refusal);
            return;
        }
        if (!cellsByKey.TryGetValue(record.Key, out CellProcessor? processor) || !processor.TryTake(intake, record))
            processor = TakePlain(record, output);
        if (processor is null) return;
        next = record.Offset + 1;
        processor.CloseDue(record.Offset, idle: false, neededFrom, output);
        CloseIdle(record, output);
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
    public long ReplayFrom(long committed)
    {
        foreach (CellProcessor cell in cells.Values) cell.FinishRestore();
        return Math.Min(replayFrom, committed);
    }

    /// <summary>Offset from which all that is not final can be had again; the next record's where all is.</summary>
    private long NeededFrom()
    {
        long from = next;
        foreach (CellProcessor cell in cells.Values) from = Math.Min(from, cell.NeededFrom);
        return from;
    }

    /// <summary>Decodes and validates a record of any kind; null: it went to the dead letters.</summary>
    private CellProcessor? TakePlain(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.VmMetrics, output, out VmReports reports)) return null;
        string cell = reports.Reports[0].Cell;
        if (!cells.ContainsKey(cell) && cells.Count == CellsMax)
        {
            output.DeadLetter(record, $"cell '{cell}' is one more than the {CellsMax} that a partition may hold: more partitions, or fewer cells, are needed");
            return null;
        }
        CellProcessor processor = Of(cell);
        if (processor.TryTake(reports.Reports, record)) return processor;
        output.DeadLetter(record, $"cell '{cell}' has {VmDirectory.VmsMax} VMs already: the fleet has to be cut into more cells");
        return null;
    }

    private void CloseIdle(in StreamRecord record, IOutput output)
    {
        long minute = record.TimestampUnixMs / IdleCheckMs, before = newestRecordMinute;
        newestRecordMinute = minute;
        if (minute <= before) return;
        foreach (CellProcessor cell in cells.Values)
            if (cell.NewestRecordUnixMs <= record.TimestampUnixMs - IdleMs) cell.CloseDue(record.Offset, idle: true, neededFrom, output);
    }

    private CellProcessor Of(string cell)
    {
        if (cells.TryGetValue(cell, out CellProcessor? processor)) return processor;
        cells[cell] = processor = new CellProcessor(cell, options);
        cellsByKey.Dictionary[cell] = processor;
        return processor;
    }

    private static T Read<T>(TopicSpec<T> topic, in StreamRecord record, RecordContext context)
        where T : Google.Protobuf.IMessage<T> =>
        topic.TryRead(context, record.Value, out T value, out string reason)
            ? value
            : throw new InvalidDataException($"{record.Topic}[{record.Partition}] offset {record.Offset} was written by another version and cannot be restored: {reason}");
}
