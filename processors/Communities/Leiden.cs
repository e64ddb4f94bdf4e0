using Pipeline.Infra.Randomness;

namespace Pipeline.Processors.Communities;

/// <summary>
/// Communities by the Leiden algorithm (V. A. Traag, L. Waltman, N. J. van Eck, "From Louvain to Leiden: guaranteeing well-connected
/// communities", Scientific Reports 9, 2019) with weighted modularity. Every community is connected; the same graph, options and start
/// give the same answer on any number of threads.
/// </summary>
public static class Leiden
{
    /// <summary>Finds communities.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="options">See <see cref="LeidenOptions"/>.</param>
    /// <param name="start">[nodes] labels to start from, any numbers of 0 or more; empty: every node alone.</param>
    public static Partition Run(CsrGraph graph, LeidenOptions options, ReadOnlySpan<int> start = default)
    {
        if (!start.IsEmpty && start.Length != graph.Nodes) throw new ArgumentException($"{start.Length} labels for {graph.Nodes} nodes", nameof(start));
        int[] labels = start.IsEmpty ? Enumerable.Range(0, graph.Nodes).ToArray() : Renumbered(start, out _);
        double modularity = graph.Modularity(labels, options.Resolution);
        SplitMix random = new((ulong)options.Seed);
        for (int i = 0; i < options.Iterations && graph.TotalStrength > 0; i++)
        {
            int[] next = Iterate(graph, labels, options, random.For(i));
            double gained = graph.Modularity(next, options.Resolution) - modularity;
            if (gained < 0) break;
            (labels, modularity) = (next, modularity + gained);
            if (gained <= options.GainMin) break;
        }
        labels = Connected(graph, labels);
        labels = Renumbered(labels, out int count);
        return new Partition(labels, count, graph.Modularity(labels, options.Resolution));
    }

    /// <summary>One iteration: move, refine, aggregate, until nothing is left to aggregate.</summary>
    private static int[] Iterate(CsrGraph graph, int[] start, LeidenOptions options, SplitMix random)
    {
        CsrGraph level = graph;
        int[] labels = [.. start], nodeOf = Enumerable.Range(0, graph.Nodes).ToArray();
        while (true)
        {
            LocalMoving.Run(level, labels, options.Resolution, new SplitMix(random.Next()));
            int[] refined = Renumbered(Refinement.Run(level, labels, options, new SplitMix(random.Next())), out int parts);
            if (parts == level.Nodes) break;
            int[] labelOfPart = new int[parts];
            for (int v = 0; v < level.Nodes; v++) labelOfPart[refined[v]] = labels[v];
            for (int v = 0; v < nodeOf.Length; v++) nodeOf[v] = refined[nodeOf[v]];
            level = level.Aggregate(refined, parts);
            labels = Renumbered(labelOfPart, out _);
        }
        return [.. nodeOf.Select(node => labels[node])];
    }

    /// <summary>Splits what a start partition held together without a link. The algorithm itself leaves nothing unconnected.</summary>
    private static int[] Connected(CsrGraph graph, int[] labels)
    {
        int[] parts = new int[graph.Nodes];
        Array.Fill(parts, -1);
        Stack<int> open = [];
        int count = 0;
        for (int root = 0; root < graph.Nodes; root++)
        {
            if (parts[root] >= 0) continue;
            parts[root] = count;
            open.Push(root);
            while (open.TryPop(out int v))
            {
                for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
                {
                    int u = graph.Targets[e];
                    if (parts[u] >= 0 || labels[u] != labels[v]) continue;
                    parts[u] = count;
                    open.Push(u);
                }
            }
            count++;
        }
        return parts;
    }

    /// <summary>Numbers labels 0, 1, ... in the order in which they first occur.</summary>
    private static int[] Renumbered(ReadOnlySpan<int> labels, out int count)
    {
        int[] numbers = new int[labels.Length == 0 ? 0 : System.Numerics.Tensors.TensorPrimitives.Max(labels) + 1], result = new int[labels.Length];
        count = 0;
        for (int v = 0; v < labels.Length; v++)
        {
            if (numbers[labels[v]] == 0) numbers[labels[v]] = ++count;
            result[v] = numbers[labels[v]] - 1;
        }
        return result;
    }
}
