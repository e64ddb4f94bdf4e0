using Pipeline.Processors.Communities;
using Pipeline.Processors.History;
using Pipeline.Processors.Relations;
using Pipeline.Processors.Similarity;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Snapshots;

/// <summary>
/// The similarity graph of a cell and its communities. Both are made anew at fixed steps and hold in between; the graph looks only at steps
/// that are final, so that it can be made again from published history, to the bit.
/// </summary>
public sealed class CellGraph(StepOptions options)
{
    /// <summary>Three days of history behind an edge; with a half-life of one day what is older weighs less than an eighth.</summary>
    public const int HistorySteps = 864;

    private static readonly SimilarityOptions Similarity = new();

    private readonly CellCommunities communities = new(new CommunityOptions { Leiden = new LeidenOptions { Seed = options.Seed } });
    private long? neighboursOf;

    /// <summary>Neighbours as of the last refresh.</summary>
    public NeighbourTable Neighbours { get; private set; } = NeighbourTable.Empty(Similarity.K);

    /// <summary>The refresh that counts at a step: the newest multiple of the refresh interval, or the moment at which the cell first had enough steps; null before.</summary>
    public long? RefreshAt(CellHistory history, long step)
    {
        long first = history.First + HistoryOptions.WindowSteps + options.GraphLagSteps;
        return history.First < 0 || step < first ? null : Math.Max(first, step - (step % options.RefreshSteps));
    }

    /// <summary>Makes the neighbours that count at a step, unless they stand already.</summary>
    /// <param name="history">The cell.</param>
    /// <param name="vms">Names and slots of its VMs, in ordinal order of the names.</param>
    /// <param name="step">Number of the step.</param>
    /// <returns>Whether they are new.</returns>
    public bool UpdateNeighbours(CellHistory history, IReadOnlyCollection<(string Name, int Slot)> vms, long step)
    {
        if (RefreshAt(history, step) is not { } refresh || refresh == neighboursOf) return false;
        neighboursOf = refresh;
        history.DropForgotten(refresh);
        long newest = refresh - options.GraphLagSteps;
        int length = (int)Math.Min(HistorySteps, newest - history.First + 1);
        // Who has been silent for a whole window has no present to share; who came later is not there when this is made again.
        // Nor does who became another machine since have its new past then.
        (string Name, int Slot)[] rows = [.. vms.Where(vm => AnyKnown(history.CpuAsOf(refresh, vm.Slot, newest, HistoryOptions.WindowSteps)))];
        NeighbourList list = SimilarityGraph.Build(row => history.CpuAsOf(refresh, rows[row].Slot, newest, length), rows.Length, length, Similarity);
        Neighbours = new NeighbourTable([.. rows.Select(vm => vm.Name)], list);
        return true;
    }

    private static bool AnyKnown(ReadOnlySpan<float> cpu)
    {
        foreach (float value in cpu)
            if (!float.IsNaN(value)) return true;
        return false;
    }

    /// <summary>Gives every VM of a snapshot its community; a VM that is new since the last refresh is alone.</summary>
    /// <param name="vms">Names of the rows.</param>
    /// <param name="neighbours">Neighbours of the rows.</param>
    /// <param name="relations">Edges of other kinds between them.</param>
    /// <param name="step">The snapshot's step.</param>
    /// <param name="refreshed">The neighbours are new: communities are found again, from the last ones on.</param>
    public CommunitySnapshot UpdateCommunities(IReadOnlyList<string> vms, NeighbourList neighbours, IReadOnlyList<Relation> relations, long step, bool refreshed) =>
        refreshed ? communities.Update(vms, CsrGraph.FromNeighbours(neighbours, relations.Select(r => (r.From, r.To, (double)r.Weight))), step * options.StepMs) : communities.Hold(vms, step * options.StepMs);

    /// <summary>Takes over communities that were published before.</summary>
    public void Restore(CommunityChunk published) => communities.Restore(published);
}
