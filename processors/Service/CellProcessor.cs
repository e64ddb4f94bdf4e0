using Pipeline.Infra.Streaming;
using Pipeline.Processors.Communities;
using Pipeline.Processors.History;
using Pipeline.Processors.Patterns;
using Pipeline.Processors.Relations;
using Pipeline.Processors.Similarity;
using Pipeline.Processors.Snapshots;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>
/// One cell: from its reports to steps, snapshots, communities and patterns. Closed steps, the graph and all that is found in it are a function of what
/// was published; all else is a function of the reports since the offset published with the newest step. So the cell can be restored
/// at any record.
/// </summary>
internal sealed class CellProcessor
{
    private readonly string cell;
    private readonly StepOptions options;
    private readonly CellHistory history;
    private readonly VmDirectory vms;
    private readonly CellWindows windows;
    private readonly CellGraph graph;
    private readonly SnapshotAssembler assembler;
    private readonly Snapshot snapshot = new();
    private readonly CellRestore restore;
    private long publishedAt = -1;

    public CellProcessor(string cell, StepOptions options)
    {
        this.cell = cell;
        this.options = options;
        history = new CellHistory(new HistoryOptions { StepMs = options.StepMs, Reach = options.RevisableSteps });
        vms = new VmDirectory(history);
        windows = new CellWindows(options, vms);
        graph = new CellGraph(options);
        assembler = new SnapshotAssembler(history);
        restore = new CellRestore(options, history, graph, vms, windows);
    }

    /// <summary>Offset of the first record with a report that is not final; <see cref="long.MaxValue"/>: there is none.</summary>
    public long NeededFrom => windows.NeededFrom;

    /// <summary>When the newest record of this cell was produced.</summary>
    public long NewestRecordUnixMs { get; private set; }

    /// <summary>Takes the reports of one record; false, with nothing taken, when the cell would have too many VMs.</summary>
    public bool TryTake(IReadOnlyCollection<VmReport> reports, in StreamRecord record)
    {
        if (!vms.HasRoomFor(reports)) return false;
        NewestRecordUnixMs = record.TimestampUnixMs;
        foreach (VmReport report in reports) windows.Add(Report.Of(report), (record.Offset, record.TimestampUnixMs), replayed: record.Offset <= publishedAt);
        return true;
    }

    /// <summary>Takes a record the short way; false, with nothing taken, where it has to be decoded the plain way.</summary>
    public bool TryTake(ReportIntake intake, in StreamRecord record)
    {
        if (!intake.TryRead(record, vms, out ReadOnlySpan<Report> reports)) return false;
        NewestRecordUnixMs = record.TimestampUnixMs;
        foreach (ref readonly Report report in reports) windows.Add(report, (record.Offset, record.TimestampUnixMs), replayed: record.Offset <= publishedAt);
        return true;
    }

    /// <summary>Publishes what is to be closed.</summary>
    /// <param name="offset">Offset of the record just taken, by this cell or another.</param>
    /// <param name="idle">Nothing more is expected of this cell.</param>
    /// <param name="replayFrom">Asked after each close: from where the partition's records would have to be fed again.</param>
    /// <param name="output">Where steps, snapshots, communities and patterns go.</param>
    public void CloseDue(long offset, bool idle, Func<long> replayFrom, IOutput output)
    {
        // Fed again after a restart: what was to be closed here is published.
        if (offset <= publishedAt) return;
        while (windows.TryNext(idle, out long step)) Close(step, idle, offset, replayFrom, output);
    }

    /// <summary>Takes over a step as it was published.</summary>
    public void Restore(StepChunk chunk)
    {
        if (chunk.StepMs != options.StepMs) return;
        restore.Take(chunk);
        publishedAt = chunk.PublishedAt;
    }

    /// <summary>Takes over communities as they were published.</summary>
    public void Restore(CommunityChunk chunk)
    {
        if (chunk.StepMs == options.StepMs) graph.Restore(chunk);
    }

    /// <summary>All that was published has been taken over.</summary>
    public void FinishRestore()
    {
        windows.CountExpected();
        if (options.Snapshots && windows.Closed != CellWindows.None) graph.UpdateNeighbours(history, vms.Slots(), windows.Closed);
    }

    private void Close(long step, bool idle, long offset, Func<long> replayFrom, IOutput output)
    {
        // Only where the graph is made anew: in between it holds on to its VMs.
        if (step % options.RefreshSteps == 0) vms.RemoveAll(vm => vm.Active <= step - StepOptions.SilentStepsMax);
        StepWindow[] revised = windows.Dirty();
        StepWindow closed = windows.Close(step, idle);
        windows.DropFinal();
        publishedAt = offset;
        StepPublication publication = new(step, windows.Final, replayFrom(), offset);
        foreach (StepWindow window in revised) Publish(window, publication with { Step = window.Step }, refreshed: false, output);
        history.Advance(step);
        Publish(closed, publication, options.Snapshots && graph.UpdateNeighbours(history, vms.Slots(), step), output);
    }

    /// <summary>Publishes a step as it is now, with the graph in force now.</summary>
    private void Publish(StepWindow window, in StepPublication publication, bool refreshed, IOutput output)
    {
        window.Published(window.Revision + 1, publication.PublishedAt);
        VmState[] rows = vms.RowsOf(window.Step);
        SnapshotFrame frame = new(cell, options.StepMs, (uint)window.Revision);
        VmStep[] steps = [.. rows.Select(vm => VmSteps.Write(vm, window, options.StepMs))];
        for (int chunk = 0; chunk < SnapshotChunks.CountFor(rows.Length); chunk++)
            output.Emit(Topics.VmSteps, cell, StepChunks.Write(steps, frame, publication, chunk));
        if (window.Revision == 0) ReportMetrics.Published(cell, steps);
        for (int i = 0; i < rows.Length; i++) VmSteps.Apply(steps[i], rows[i], window.Step, history);
        if (options.Snapshots && rows.Length > 0) PublishSnapshot(rows, steps.Count(s => s.Reports > 0), frame, publication.Step, refreshed, output);
    }

    private void PublishSnapshot(VmState[] rows, int reporting, SnapshotFrame frame, long step, bool refreshed, IOutput output)
    {
        string[] names = [.. rows.Select(vm => vm.Name)];
        int[] slots = [.. rows.Select(vm => vm.Slot)];
        NeighbourList neighbours = graph.Neighbours.For(names);
        IReadOnlyList<Relation> relations = RelationFinder.Find(names, [.. rows.Select(vm => vm.Relations)]);
        assembler.Assemble(step, slots, neighbours.Index, neighbours.Weight, [], snapshot);
        CommunitySnapshot communities = graph.UpdateCommunities(names, neighbours, relations, step, refreshed);
        float completeness = reporting / (float)rows.Length;
        for (int chunk = 0; chunk < SnapshotChunks.CountFor(rows.Length); chunk++)
        {
            output.Emit(Topics.GraphSnapshots, cell, SnapshotChunks.Write(snapshot, names, frame, chunk, communities.Ids, relations, completeness));
            output.Emit(Topics.GraphCommunities, cell, CommunityChunks.Write(snapshot, names, frame, chunk, communities));
        }
        if (!refreshed) return;
        CellPatterns patterns = CellPatterns.Find(history, slots, neighbours, communities.Ids, step - options.GraphLagSteps);
        foreach (PatternChunk chunk in patterns.Chunks(cell, step, options.StepMs, frame.Revision, names)) output.Emit(Topics.VmPatterns, cell, chunk);
    }
}
