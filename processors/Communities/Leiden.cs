using System.Runtime.CompilerServices;
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
        Check(graph, start, nameof(start));
        graph = Weighed(graph, options);
        int[] labels = start.IsEmpty ? Enumerable.Range(0, graph.Nodes).ToArray() : Renumbered(start, out _);
        double scale = options.ScaleFor(graph), quality = graph.Quality(labels, scale);
        SplitMix random = new((ulong)options.Seed);
        for (int i = 0; i < options.Iterations && graph.TotalStrength > 0; i++)
        {
            SplitMix own = random.For(i);
            int[] moved = [.. labels];
            LocalMoving.Run(graph, moved, options, new SplitMix(own.Next()));
            // A finished partition that single nodes find next to nothing to gain in is not worth another climb.
            if (i > 0 && graph.Quality(moved, scale) - quality <= options.GainMin) break;
            int[] next = Climb(graph, moved, options, own);
            double reached = graph.Quality(next, scale);
            if (reached < quality) break;
            (labels, quality) = (next, reached);
        }
        return Finished(graph, labels, options) with { IsFull = true };
    }

    /// <summary>
    /// Brings a partition up to date after some edges have changed: only nodes at changed edges are looked at, and then whoever is next to a
    /// node that moved (dynamic frontier: S. Sahu, "A Starting Point for Dynamic Community Detection with Leiden Algorithm", 2024). Found anew
    /// when its quality has drifted below that of the last full run by more than <see cref="LeidenOptions.DriftMax"/>.
    /// </summary>
    /// <param name="graph">The graph as it is now.</param>
    /// <param name="options">Those of the last full run.</param>
    /// <param name="before">[nodes] labels of the partition until now.</param>
    /// <param name="touched">Both ends of every edge that is new, gone, or has another weight.</param>
    /// <param name="fullQuality">Quality of the last full run.</param>
    public static Partition Update(CsrGraph graph, LeidenOptions options, ReadOnlySpan<int> before, ReadOnlySpan<int> touched, double fullQuality)
    {
        Check(graph, before, nameof(before));
        graph = Weighed(graph, options);
        int[] labels = Renumbered(before, out _);
        if (graph.TotalStrength > 0) LocalMoving.Run(graph, labels, options, touched);
        Partition updated = Finished(graph, labels, options);
        return updated.Quality >= fullQuality - (options.DriftMax * Math.Abs(fullQuality)) ? updated : Run(graph, options, updated.Labels);
    }

    private static void Check(CsrGraph graph, ReadOnlySpan<int> labels, string name)
    {
        if (!labels.IsEmpty && labels.Length != graph.Nodes) throw new ArgumentException($"{labels.Length} labels for {graph.Nodes} nodes", name);
    }

    /// <summary>The graph with the masses that the quality asks for.</summary>
    private static CsrGraph Weighed(CsrGraph graph, LeidenOptions options)
    {
        if (options.Quality == Quality.Modularity || graph.Masses != graph.Strengths) return graph;
        double[] ones = new double[graph.Nodes];
        Array.Fill(ones, 1);
        return graph with { Masses = ones };
    }

    internal static Partition Finished(CsrGraph graph, int[] labels, LeidenOptions options)
    {
        labels = Renumbered(Connected(graph, labels), out int count);
        double quality = graph.Quality(labels, options.ScaleFor(graph));
        return new Partition(labels, count, options.Quality == Quality.Modularity ? quality : graph.Modularity(labels, 1)) { Quality = quality };
    }

    /// <summary>What follows on the first moves of an iteration: refine, aggregate, move, until nothing is left to aggregate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Climb(CsrGraph graph, int[] start, LeidenOptions options, SplitMix random)
    {
        CsrGraph level = graph;
        int[] labels = [.. start], nodeOf = Enumerable.Range(0, graph.Nodes).ToArray();
        while (true)
        {
            int[] refined = Renumbered(Refinement.Run(level, labels, options, new SplitMix(random.Next())), out int parts);
            if (parts == level.Nodes) break;
            int[] labelOfPart = new int[parts];
            for (int v = 0; v < level.Nodes; v++) labelOfPart[refined[v]] = labels[v];
            for (int v = 0; v < nodeOf.Length; v++) nodeOf[v] = refined[nodeOf[v]];
            level = level.Aggregate(refined, parts);
            labels = Renumbered(labelOfPart, out _);
            LocalMoving.Run(level, labels, options, new SplitMix(random.Next()));
        }
        for (int v = 0; v < nodeOf.Length; v++) nodeOf[v] = labels[nodeOf[v]];
        return nodeOf;
    }

    /// <summary>Splits what a start partition held together without a link. The algorithm itself leaves nothing unconnected.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Renumbered(ReadOnlySpan<int> labels, out int count)
    {
        int highest = -1;
        foreach (int label in labels) highest = Math.Max(highest, label);
        int[] numbers = new int[highest + 1], result = new int[labels.Length];
        count = 0;
        for (int v = 0; v < labels.Length; v++)
        {
            if (numbers[labels[v]] == 0) numbers[labels[v]] = ++count;
            result[v] = numbers[labels[v]] - 1;
        }
        return result;
    }
}
