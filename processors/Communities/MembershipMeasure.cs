using System.Runtime.InteropServices;

namespace Pipeline.Processors.Communities;

/// <summary>Measures how firmly nodes belong to their communities: by their own links, and by what other seeds find.</summary>
internal static class MembershipMeasure
{
    /// <summary>Finds the communities again from nothing, with other seeds.</summary>
    /// <returns>For each seed the labels of all nodes.</returns>
    public static int[][] OtherSeeds(CsrGraph graph, LeidenOptions options, int seeds)
    {
        int[][] found = new int[seeds][];
        // Side by side, each on one thread.
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, s =>
            found[s] = Leiden.Run(graph, options with { Seed = unchecked(options.Seed + 1 + s) & int.MaxValue, Threads = 1 }).Labels);
        return found;
    }

    /// <summary>
    /// Stability of each community: the mean over seeds of Jaccard's index with what is most like it there (C. Hennig, "Cluster-wise
    /// assessment of cluster stability", Computational Statistics and Data Analysis 52, 2007), nodes that are alone left out.
    /// </summary>
    /// <param name="ids">[nodes] numbers of the communities.</param>
    /// <param name="alone">[nodes].</param>
    /// <param name="others">For each seed the labels of all nodes.</param>
    /// <param name="consensus">[nodes] share of the seeds in which a node is in what is most like its community.</param>
    public static Dictionary<uint, float> Stability(ReadOnlySpan<uint> ids, bool[] alone, int[][] others, float[] consensus)
    {
        Dictionary<uint, float> stability = [];
        Dictionary<uint, int> sizes = [];
        for (int v = 0; v < ids.Length; v++)
            if (!alone[v]) CollectionsMarshal.GetValueRefOrAddDefault(sizes, ids[v], out _)++;
        foreach (int[] labels in others)
        {
            Dictionary<uint, (int Part, double Jaccard)> best = BestMatches(ids, alone, labels, sizes);
            foreach ((uint id, (_, double jaccard)) in best) CollectionsMarshal.GetValueRefOrAddDefault(stability, id, out _) += (float)(jaccard / others.Length);
            for (int v = 0; v < ids.Length; v++)
                if (!alone[v] && best[ids[v]].Part == labels[v]) consensus[v] += 1f / others.Length;
        }
        return stability;
    }

    /// <summary>Shares of each node's links that lead into its own and the two next communities.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="ids">[nodes] numbers of the communities.</param>
    /// <param name="alone">[nodes] who is in none.</param>
    /// <param name="consensus">[nodes].</param>
    public static Membership[] Of(CsrGraph graph, ReadOnlySpan<uint> ids, bool[] alone, float[] consensus)
    {
        Membership[] result = new Membership[graph.Nodes];
        Dictionary<uint, double> weights = [];
        for (int v = 0; v < graph.Nodes; v++)
        {
            weights.Clear();
            for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
                if (!alone[graph.Targets[e]]) CollectionsMarshal.GetValueRefOrAddDefault(weights, ids[graph.Targets[e]], out _) += graph.Weights[e];
            float share = !alone[v] && weights.Remove(ids[v], out double own) ? (float)(own / graph.Strengths[v]) : 0;
            Alternative first = Next(weights, graph.Strengths[v]), second = Next(weights, graph.Strengths[v]);
            result[v] = new Membership(share, consensus[v], first, second);
        }
        return result;
    }

    /// <summary>Takes the community with the largest weight out, the lower number of equals.</summary>
    private static Alternative Next(Dictionary<uint, double> weights, double strength)
    {
        if (weights.Count == 0) return default;
        (uint best, double most) = (0, 0);
        foreach ((uint id, double weight) in weights)
            if (weight > most || (weight == most && id < best)) (best, most) = (id, weight);
        weights.Remove(best);
        return new Alternative(best, (float)(most / strength));
    }

    private static Dictionary<uint, (int Part, double Jaccard)> BestMatches(ReadOnlySpan<uint> ids, bool[] alone, int[] labels, Dictionary<uint, int> sizes)
    {
        Dictionary<(uint Id, int Part), int> shared = [];
        Dictionary<int, int> parts = [];
        for (int v = 0; v < ids.Length; v++)
        {
            if (alone[v]) continue;
            CollectionsMarshal.GetValueRefOrAddDefault(shared, (ids[v], labels[v]), out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(parts, labels[v], out _)++;
        }
        Dictionary<uint, (int Part, double Jaccard)> best = [];
        foreach (((uint id, int part), int both) in shared)
        {
            double jaccard = both / (double)(sizes[id] + parts[part] - both);
            if (!best.TryGetValue(id, out (int Part, double Jaccard) other) || jaccard > other.Jaccard || (jaccard == other.Jaccard && part < other.Part))
                best[id] = (part, jaccard);
        }
        return best;
    }
}
