using Pipeline.Infra.Traces;
using Pipeline.Processors.Communities;
using Pipeline.Processors.Patterns;
using Pipeline.Processors.Similarity;
using Pipeline.Processors.Windows;

namespace Pipeline.Processors.Offline;

/// <summary>Runs a trace through graph, communities and patterns, and hands over what each new graph shows.</summary>
internal sealed class GraphRun(FleetTrace trace, StepOptions options)
{
    /// <summary>Patterns are looked for once in so many steps: hourly ones say the same as daily ones, and take most of the time.</summary>
    private const int PatternSteps = 288;

    private readonly TraceCell cell = new(trace, options);

    public Churn Churn { get; } = new();

    /// <summary>Feeds all slots.</summary>
    /// <param name="take">Called with each new graph.</param>
    /// <param name="progress">Called with the number of slots fed.</param>
    public void Run(Action<GraphMoment> take, Action<int> progress, CancellationToken cancel)
    {
        long patternsAfter = 0;
        for (int slot = 0; slot < trace.SlotCount; slot++)
        {
            cancel.ThrowIfCancellationRequested();
            progress(slot);
            if (!cell.Feed(slot)) continue;
            long step = cell.StepOf(slot);
            int[] rows = cell.Present(step), slots = [.. rows.Select(r => cell.Slots[r])];
            string[] vms = [.. rows.Select(r => cell.Names[r])];
            NeighbourList neighbours = cell.Graph.Neighbours.For(vms);
            CommunitySnapshot communities = cell.Graph.UpdateCommunities(vms, neighbours, [], step, refreshed: true);
            Churn.Add(vms, neighbours, communities.Ids, communities.Events);
            CellPatterns? patterns = null;
            if (step >= patternsAfter)
            {
                patterns = CellPatterns.Find(cell.History, slots, neighbours, communities.Ids, step - cell.Options.GraphLagSteps);
                patternsAfter = step + PatternSteps;
            }
            take(new GraphMoment(cell.History.EndUnixMs(step), vms, neighbours, communities, patterns));
        }
        progress(trace.SlotCount);
    }
}

/// <summary>A graph and what was found in it.</summary>
/// <param name="UnixMs">End of the step with which it was made.</param>
/// <param name="Vms">[N] names, ordinal order.</param>
/// <param name="Neighbours">Edges between them.</param>
/// <param name="Communities">Communities and what happened to them.</param>
/// <param name="Patterns">Of VMs and communities; null: none were looked for this time.</param>
internal sealed record GraphMoment(long UnixMs, IReadOnlyList<string> Vms, NeighbourList Neighbours, CommunitySnapshot Communities, CellPatterns? Patterns);
