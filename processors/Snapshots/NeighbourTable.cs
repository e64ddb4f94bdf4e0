using Pipeline.Processors.Similarity;

namespace Pipeline.Processors.Snapshots;

/// <summary>Who is similar to whom, by VM name, so that it holds while VMs come and go between two refreshes of the graph.</summary>
/// <param name="Vms">N names, the rows of <paramref name="List"/>.</param>
/// <param name="List">Their neighbours.</param>
public sealed record NeighbourTable(IReadOnlyList<string> Vms, NeighbourList List)
{
    public static NeighbourTable Empty(int k) => new([], new NeighbourList(0, k, [], []));

    /// <summary>Translates into the rows of a snapshot; neighbours that are gone are left out, VMs that are new have none.</summary>
    /// <param name="vms">Names of the snapshot's rows.</param>
    public NeighbourList For(IReadOnlyList<string> vms)
    {
        int k = List.K;
        Dictionary<string, int> rows = new(vms.Count, StringComparer.Ordinal);
        for (int i = 0; i < vms.Count; i++) rows[vms[i]] = i;
        NeighbourList result = new(vms.Count, k, new int[vms.Count * k], new float[vms.Count * k]);
        result.Index.AsSpan().Fill(-1);
        for (int from = 0; from < Vms.Count; from++)
        {
            if (!rows.TryGetValue(Vms[from], out int row)) continue;
            int at = row * k;
            for (int i = from * k; i < (from + 1) * k && List.Index[i] >= 0; i++)
            {
                if (!rows.TryGetValue(Vms[List.Index[i]], out int neighbour)) continue;
                result.Index[at] = neighbour;
                result.Weight[at++] = List.Weight[i];
            }
        }
        return result;
    }
}
