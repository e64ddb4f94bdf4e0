using Pipeline.Infra.Traces;
using Pipeline.Processors.Communities;
using Pipeline.Processors.History;
using Pipeline.Processors.Offline;
using Pipeline.Processors.Windows;

namespace Pipeline.Processors.TimeAware;

/// <summary>A trace as the steps of one cell.</summary>
internal sealed class TraceFeed(FleetTrace trace)
{
    /// <summary>The cell's name.</summary>
    public const string Cell = "cell-0";

    public FleetTrace Trace => trace;

    public int StepsPerDay => (int)(TimeSpan.MillisecondsPerDay / trace.SlotMs);

    /// <summary>What a slot of the trace says.</summary>
    public VmSample[] At(int slot)
    {
        int n = trace.Vms.Count;
        VmSample[] samples = new VmSample[n];
        for (int v = 0; v < n; v++)
            samples[v] = new VmSample(trace.Vms[v], trace.Cores[v], trace.MemoryBytes[v], trace.CpuAt(slot, v), trace.Memory is null ? float.NaN : trace.Memory[(slot * n) + v]);
        return samples;
    }

    public long EndUnixMs(int slot) => trace.SlotStartUnixMs(slot) + trace.SlotMs;

    /// <summary>The communities that are known when a slot begins, from as much of the past as the service remembers; none where that is too short for a graph.</summary>
    public IReadOnlyList<(string Vm, uint Community)> CommunitiesBefore(int slot, CancellationToken cancel)
    {
        StepOptions options = new();
        int first = Math.Max(0, slot - HistoryOptions.MemorySteps), last = slot - 1;
        if (last <= first) return [];
        FleetTrace past = trace.Slice(first, slot - first, [.. Enumerable.Range(0, trace.Vms.Count)]);
        TraceCell cell = new(past, options);
        CommunitySnapshot? found = null;
        string[] vms = [];
        for (int s = 0; s < past.SlotCount; s++)
        {
            cancel.ThrowIfCancellationRequested();
            if (!cell.Feed(s) || s < past.SlotCount - (3 * options.RefreshSteps)) continue;
            vms = [.. cell.Present(cell.StepOf(s)).Select(r => cell.Names[r])];
            found = cell.Graph.UpdateCommunities(vms, cell.Graph.Neighbours.For(vms), [], cell.StepOf(s), refreshed: true);
        }
        return found is null ? [] : [.. vms.Zip(found.Ids)];
    }
}
