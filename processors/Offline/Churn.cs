using Pipeline.Processors.Similarity;
using Pipeline.Schemas;
using Kind = Pipeline.Schemas.CommunityEvent.Types.Kind;

namespace Pipeline.Processors.Offline;

/// <summary>
/// How many VMs change the number of their community from one graph to the next, and how many of them without cause. There is a cause where
/// the community that the VM left or the one that it went to was born, died, split or merged, or where the VM's edges now draw it elsewhere: more of their weight goes
/// to VMs that had another number than to those that had its own.
/// </summary>
internal sealed class Churn
{
    private readonly Dictionary<string, uint> before = new(StringComparer.Ordinal);

    /// <summary>VMs that were in two graphs in a row, counted once for each.</summary>
    public long Compared { get; private set; }

    public long Changed { get; private set; }

    public long WithoutCause { get; private set; }

    /// <summary>Takes the communities of the next graph.</summary>
    public void Add(IReadOnlyList<string> vms, NeighbourList neighbours, uint[] ids, IReadOnlyList<CommunityEvent> events)
    {
        HashSet<uint> turned = [.. events.Where(e => e.Kind is Kind.Born or Kind.Died or Kind.Split or Kind.Merged).SelectMany(e => e.Others.Append(e.Community))];
        for (int row = 0; row < vms.Count; row++)
        {
            if (!before.TryGetValue(vms[row], out uint old)) continue;
            Compared++;
            if (old == ids[row]) continue;
            Changed++;
            if (!turned.Contains(old) && !turned.Contains(ids[row]) && Pull(vms, neighbours, row, old) >= Pull(vms, neighbours, row, ids[row])) WithoutCause++;
        }
        before.Clear();
        for (int row = 0; row < vms.Count; row++) before[vms[row]] = ids[row];
    }

    /// <summary>Weight of a VM's edges to those that had a number before.</summary>
    private float Pull(IReadOnlyList<string> vms, NeighbourList neighbours, int row, uint id)
    {
        float sum = 0;
        for (int k = row * neighbours.K; k < (row + 1) * neighbours.K && neighbours.Index[k] >= 0; k++)
            if (before.TryGetValue(vms[neighbours.Index[k]], out uint other) && other == id) sum += neighbours.Weight[k];
        return sum;
    }
}
