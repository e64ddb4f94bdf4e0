using Pipeline.Infra.Streaming;
using Pipeline.Processors.Communities;
using Pipeline.Processors.History;
using Pipeline.Processors.Similarity;
using Pipeline.Processors.Snapshots;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>
/// One cell: from its reports to steps, snapshots and communities. All its state is a function of the final steps as published in vm.steps
/// and of the reports since the offset that they name, so it can be rebuilt at any record.
/// </summary>
internal sealed class CellProcessor
{
    /// <summary>A first publication's VMs are asked for only at the newest final step, which is never further back than this.</summary>
    private const int RememberedSteps = 2 * StepOptions.GraceStepsMax;

    /// <summary>Steps within the grace may be revised, and the graph looks back over the same steps: two graces and a few steps to spare.</summary>
    private const int Reach = (2 * StepOptions.GraceStepsMax) + 4;

    private readonly string cell;
    private readonly StepOptions options;
    private readonly StepClock clock;
    private readonly CellHistory history;
    private readonly CellRoster roster = new();
    private readonly CellGraph graph;
    private readonly SnapshotAssembler assembler;
    private readonly Snapshot snapshot = new();
    private readonly SortedDictionary<string, (uint Late, uint Repeated)> uncounted = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, List<string>> seenAtFirst = [];
    private readonly Dictionary<(long End, uint Revision), List<CommunityChunk>> published = [];

    public CellProcessor(string cell, StepOptions options)
    {
        this.cell = cell;
        this.options = options;
        clock = new StepClock(options);
        graph = new CellGraph(options);
        history = new CellHistory(new HistoryOptions { StepMs = options.StepMs, Reach = Reach });
        assembler = new SnapshotAssembler(history);
    }

    /// <summary>Offset of the first report of what is not final; null when there is nothing.</summary>
    public long? FirstOffset => clock.FirstOffset;

    /// <summary>Takes a report and publishes what it closes.</summary>
    /// <param name="report">The report.</param>
    /// <param name="offset">Offset of its record.</param>
    /// <param name="replayFrom">Asked after each close: from where the partition's reports would have to be fed again.</param>
    /// <param name="output">Where steps, snapshots and communities go.</param>
    public void Take(VmReport report, long offset, Func<long> replayFrom, IOutput output)
    {
        ReportFate fate = clock.Add(report, offset);
        if (fate != ReportFate.Counted)
        {
            (uint late, uint repeated) = uncounted.GetValueOrDefault(report.Vm);
            uncounted[report.Vm] = fate == ReportFate.Late ? (late + 1, repeated) : (late, repeated + 1);
        }
        while (clock.TryClose() is { } step) Close(step, replayFrom, output);
    }

    /// <summary>Takes over a step as it was published.</summary>
    public void Restore(StepChunk chunk)
    {
        long step = chunk.StepEndUnixMs / options.StepMs;
        if (step > history.Newest) history.Advance(step);
        foreach (VmStep vm in chunk.Vms) Apply(step, vm);
        if (chunk.Revision == 0)
        {
            if (chunk.Chunk == 0) seenAtFirst[step] = [];
            seenAtFirst[step].AddRange(chunk.Vms.Where(v => v.Reports > 0).Select(v => v.Vm));
            while (seenAtFirst.Count > RememberedSteps) seenAtFirst.Remove(seenAtFirst.Keys.First());
            if (chunk.Chunk + 1 == chunk.Chunks) Forget(step);
        }
        long final = chunk.FinalUnixMs / options.StepMs;
        clock.Restore(final, seenAtFirst.TryGetValue(final, out List<string>? seen) ? seen : []);
    }

    /// <summary>Takes over communities as they were published; those of steps that are not final are kept for when these close again.</summary>
    public void Restore(CommunityChunk chunk)
    {
        graph.Restore(chunk);
        if (chunk.StepEndUnixMs / options.StepMs <= clock.Final) return;
        (long, uint) key = (chunk.StepEndUnixMs, chunk.Revision);
        if (!published.TryGetValue(key, out List<CommunityChunk>? chunks)) published[key] = chunks = [];
        chunks.Add(chunk);
    }

    private void Close(OpenStep step, Func<long> replayFrom, IOutput output)
    {
        List<OpenStep> revised = [.. clock.Dirty];
        clock.Finish(step);
        long from = replayFrom();
        foreach (OpenStep dirty in revised)
        {
            dirty.IsDirty = false;
            dirty.Revision++;
            foreach ((string name, StepAccumulator vm) in dirty.Vms) Apply(dirty.Number, vm.ToStep(name));
            Publish(dirty, refreshed: false, from, output);
        }
        if (step.Number > history.Newest) history.Advance(step.Number);
        foreach ((string name, StepAccumulator vm) in step.Vms) Apply(step.Number, vm.ToStep(name));
        Forget(step.Number);
        Publish(step, graph.UpdateNeighbours(history, roster, step.Number), from, output);
    }

    private void Publish(OpenStep step, bool refreshed, long replayFrom, IOutput output)
    {
        List<VmEntry> rows = roster.KnownAt(step.Number);
        string[] names = [.. rows.Select(r => r.Name)];
        NeighbourList neighbours = graph.Neighbours.For(names);
        assembler.Assemble(step.Number, rows.Select(r => r.Slot).ToArray(), neighbours.Index, neighbours.Weight, [], snapshot);
        CommunityUpdate communities = Communities(step, names, neighbours, refreshed);
        SnapshotFrame frame = new(cell, options.StepMs, step.Revision);
        List<VmStep> vms = Steps(step, rows);
        for (int chunk = 0; chunk < SnapshotChunks.CountFor(vms.Count); chunk++)
            output.Emit(Topics.VmSteps, cell, StepChunks.Write(vms, cell, step, chunk, options.StepMs, clock.Final, replayFrom));
        float completeness = rows.Count == 0 ? 0 : step.Vms.Count / (float)rows.Count;
        for (int chunk = 0; chunk < SnapshotChunks.CountFor(rows.Count); chunk++)
        {
            output.Emit(Topics.GraphSnapshots, cell, SnapshotChunks.Write(snapshot, names, frame, chunk, communities.Ids, completeness));
            output.Emit(Topics.GraphCommunities, cell, CommunityChunks.Write(snapshot, names, frame, chunk, communities, graph.Modularity));
        }
    }

    private CommunityUpdate Communities(OpenStep step, string[] names, NeighbourList neighbours, bool refreshed)
    {
        if (!published.Remove((step.Number * options.StepMs, step.Revision), out List<CommunityChunk>? before))
            return graph.UpdateCommunities(names, neighbours, refreshed);
        // Fed again after a restart: what was published stands, and nothing is written now.
        foreach (CommunityChunk chunk in before) graph.Restore(chunk);
        return graph.UpdateCommunities(names, neighbours, refreshed: false);
    }

    /// <summary>What every VM did in the step: those that reported, those that are known and were silent, and those that only came too late.</summary>
    private List<VmStep> Steps(OpenStep step, List<VmEntry> rows)
    {
        SortedDictionary<string, VmStep> vms = new(StringComparer.Ordinal);
        foreach (VmEntry row in rows)
        {
            vms[row.Name] = step.Vms.TryGetValue(row.Name, out StepAccumulator? vm)
                ? vm.ToStep(row.Name)
                : new VmStep { Vm = row.Name, Cores = history.Cores(row.Slot), MemoryBytes = history.MemoryBytes(row.Slot) };
        }
        foreach ((string name, (uint late, uint repeated)) in uncounted)
        {
            if (!vms.TryGetValue(name, out VmStep? vm)) vms[name] = vm = new VmStep { Vm = name };
            (vm.Late, vm.RepeatedReports) = (late, repeated);
        }
        uncounted.Clear();
        return [.. vms.Values];
    }

    /// <summary>Writes a VM's step into the history; a name that comes back after a long silence is a new VM.</summary>
    private void Apply(long step, VmStep vm)
    {
        if (vm.Reports == 0) return;
        VmEntry? entry = roster.Find(vm.Vm);
        if (entry is not null && HasLeft(entry, step))
        {
            Remove(entry);
            entry = null;
        }
        if (entry is null) roster.Add(entry = new VmEntry(vm.Vm, history.Add(vm.Cores, vm.MemoryBytes)) { FirstKnown = step, LastReported = step });
        entry.FirstKnown = Math.Min(entry.FirstKnown, step);
        if (step >= entry.LastReported)
        {
            entry.LastReported = step;
            history.Resize(entry.Slot, vm.Cores, vm.MemoryBytes);
        }
        history.Set(entry.Slot, step, StepValuesOf(vm.Own));
    }

    private void Forget(long step)
    {
        foreach (VmEntry vm in roster.KnownAt(step))
            if (HasLeft(vm, step)) Remove(vm);
    }

    private void Remove(VmEntry vm)
    {
        roster.Remove(vm);
        history.Remove(vm.Slot);
    }

    private static bool HasLeft(VmEntry vm, long step) => vm.LastReported < step - StepOptions.SilentStepsMax;

    private static StepValues StepValuesOf(Signals own) => new(
        own.HasCpuUtilization ? own.CpuUtilization : float.NaN,
        own.HasMemoryUtilization ? own.MemoryUtilization : float.NaN,
        own.HasDiskRead ? own.DiskRead : float.NaN,
        own.HasDiskWrite ? own.DiskWrite : float.NaN,
        own.HasNetworkReceive ? own.NetworkReceive : float.NaN,
        own.HasNetworkTransmit ? own.NetworkTransmit : float.NaN);
}
