using System.Runtime.InteropServices;

namespace Pipeline.Processors.Communities;

/// <summary>
/// Holds communities against changes that the graph hardly asks for. Two partitions may be nearly equally good and yet differ in many VMs; so
/// a block of VMs that would go from one community to another together goes only where its edges clearly say so.
/// </summary>
internal static class Hysteresis
{
    /// <summary>Decides block by block.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="before">[nodes] communities until now, 0 to below the number of nodes; who was alone or is new goes where it likes.</param>
    /// <param name="after">[nodes] communities as found, 0 to below the number of nodes.</param>
    /// <param name="margin">
    /// As a share of a block's strength: what more its edges have to weigh into the new community than into the old one; or, at most, what may
    /// still lead into the old one when it goes its own way.
    /// </param>
    /// <param name="merge">As a share of a block's strength: what has to lead into another community before it goes into that.</param>
    /// <returns>[nodes] communities, numbers without order or gap rule.</returns>
    public static int[] Settle(CsrGraph graph, int[] before, int[] after, double margin, double merge)
    {
        int[] sizesBefore = Sizes(before);
        Dictionary<int, int> next = Continuations(before, after, sizesBefore);
        Dictionary<(int Old, int New), Block> blocks = Blocks(graph, before, after, sizesBefore, next);
        HashSet<int> lasting = [.. next.Values];
        Dictionary<(int Old, int New), int> own = [];
        int[] result = [.. after];
        for (int v = 0; v < result.Length; v++)
        {
            if (!blocks.TryGetValue((before[v], after[v]), out Block block)) continue;
            bool whole = block.Vms == sizesBefore[before[v]];
            if (block.New >= merge * block.Strength && (whole || block.New - block.Old >= margin * block.Strength)) continue;
            if (!whole && block.Old > margin * block.Strength && next.TryGetValue(before[v], out int stays)) result[v] = stays;
            else if (lasting.Contains(after[v])) result[v] = own.TryAdd((before[v], after[v]), graph.Nodes + own.Count) ? graph.Nodes + own.Count - 1 : own[(before[v], after[v])];
        }
        return result;
    }

    private static int[] Sizes(int[] labels)
    {
        int[] sizes = new int[labels.Length];
        foreach (int label in labels) sizes[label]++;
        return sizes;
    }

    /// <summary>The new community that each old one goes on as: greedily by shared VMs.</summary>
    private static Dictionary<int, int> Continuations(int[] before, int[] after, int[] sizesBefore)
    {
        Dictionary<(int Old, int New), int> shared = [];
        for (int v = 0; v < before.Length; v++)
            if (sizesBefore[before[v]] > 1) CollectionsMarshal.GetValueRefOrAddDefault(shared, (before[v], after[v]), out _)++;
        Dictionary<int, int> next = [];
        HashSet<int> taken = [];
        foreach (((int old, int found), _) in shared.OrderByDescending(s => s.Value).ThenBy(s => s.Key))
            if (!next.ContainsKey(old) && taken.Add(found)) next[old] = found;
        return next;
    }

    /// <summary>Who would change, and where the edges of each block lead.</summary>
    private static Dictionary<(int Old, int New), Block> Blocks(CsrGraph graph, int[] before, int[] after, int[] sizesBefore, Dictionary<int, int> next)
    {
        Dictionary<(int, int), Block> blocks = [];
        for (int v = 0; v < graph.Nodes; v++)
        {
            if (sizesBefore[before[v]] == 1 || (next.TryGetValue(before[v], out int stays) && stays == after[v])) continue;
            ref Block block = ref CollectionsMarshal.GetValueRefOrAddDefault(blocks, (before[v], after[v]), out _);
            block.Vms++;
            block.Strength += graph.Strengths[v];
            for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
            {
                int u = graph.Targets[e];
                if (before[u] == before[v] && after[u] == after[v]) continue;
                if (after[u] == after[v]) block.New += graph.Weights[e];
                else if (before[u] == before[v]) block.Old += graph.Weights[e];
            }
        }
        return blocks;
    }

    /// <summary>VMs that go the same way.</summary>
    private record struct Block
    {
        public int Vms;

        /// <summary>Sum of their strengths.</summary>
        public double Strength;

        /// <summary>Weight of their edges to others of their old community, and to others of their new one.</summary>
        public double Old, New;
    }
}
