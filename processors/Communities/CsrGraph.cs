using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pipeline.Processors.Similarity;

namespace Pipeline.Processors.Communities;

/// <summary>An undirected weighted graph in compressed rows; each edge stands in the rows of both its ends.</summary>
public sealed record CsrGraph
{
    /// <summary>[nodes + 1] where each row begins.</summary>
    public required int[] Offsets { get; init; }

    /// <summary>Other end of each entry.</summary>
    public required int[] Targets { get; init; }

    /// <summary>Weight of each entry, above 0.</summary>
    public required double[] Weights { get; init; }

    /// <summary>[nodes] sum of the weights at each node; an edge of a node with itself counts twice.</summary>
    public required double[] Strengths { get; init; }

    /// <summary>[nodes] what a node weighs where a community is expected to have links by chance: its strength, or one for CPM.</summary>
    public double[] Masses
    {
        get => field ?? Strengths;
        init;
    }

    /// <summary>Sum of all strengths: twice the weight of all edges.</summary>
    public required double TotalStrength { get; init; }

    public int Nodes => Offsets.Length - 1;

    /// <summary>Builds a graph; edges given twice add up, edges of a node with itself are left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static CsrGraph FromEdges(int nodes, params ReadOnlySpan<(int From, int To, double Weight)> edges)
    {
        int[] offsets = new int[nodes + 1];
        foreach ((int from, int to, _) in edges)
        {
            if (from == to) continue;
            offsets[from + 1]++;
            offsets[to + 1]++;
        }
        for (int i = 0; i < nodes; i++) offsets[i + 1] += offsets[i];
        int[] next = offsets[..nodes], targets = new int[offsets[nodes]];
        double[] weights = new double[offsets[nodes]];
        foreach ((int from, int to, double weight) in edges)
        {
            if (from == to) continue;
            (targets[next[from]], weights[next[from]++]) = (to, weight);
            (targets[next[to]], weights[next[to]++]) = (from, weight);
        }
        double[] strengths = new double[nodes];
        for (int v = 0; v < nodes; v++)
            for (int e = offsets[v]; e < offsets[v + 1]; e++) strengths[v] += weights[e];
        return new CsrGraph { Offsets = offsets, Targets = targets, Weights = weights, Strengths = strengths, TotalStrength = strengths.Sum() };
    }

    /// <summary>Makes neighbourhoods mutual: an edge where either end names the other, with the larger of the two weights.</summary>
    /// <param name="list">The neighbourhoods.</param>
    /// <param name="more">Edges whose weights are added.</param>
    public static CsrGraph FromNeighbours(NeighbourList list, params IEnumerable<(int From, int To, double Weight)> more)
    {
        List<(int, int, double)> edges = [.. more];
        for (int row = 0; row < list.Rows; row++)
        {
            for (int k = row * list.K; k < (row + 1) * list.K && list.Index[k] is >= 0 and int other; k++)
            {
                int back = Array.IndexOf(list.Index, row, other * list.K, list.K);
                // Where both name each other the lower row speaks.
                if (back < 0) edges.Add((row, other, list.Weight[k]));
                else if (row < other) edges.Add((row, other, Math.Max(list.Weight[k], list.Weight[back])));
            }
        }
        return FromEdges(list.Rows, CollectionsMarshal.AsSpan(edges));
    }

    /// <summary>Weighted modularity of a partition (Newman 2004; with resolution: Reichardt and Bornholdt 2006).</summary>
    /// <param name="labels">[nodes] communities, numbers from 0 to below the number of nodes.</param>
    /// <param name="resolution">1 is the plain modularity.</param>
    public double Modularity(ReadOnlySpan<int> labels, double resolution) =>
        TotalStrength == 0 ? 0 : (this with { Masses = Strengths }).Quality(labels, resolution / TotalStrength);

    /// <summary>
    /// Quality of a partition per unit of link: the links inside, less what <paramref name="scale"/> times the square of each community's mass
    /// expects. Modularity with masses of strengths and a scale of resolution / total strength.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal double Quality(ReadOnlySpan<int> labels, double scale)
    {
        if (TotalStrength == 0) return 0;
        double inside = 0, expected = 0;
        double[] sums = new double[Nodes];
        for (int v = 0; v < Nodes; v++)
        {
            double outside = 0;
            for (int e = Offsets[v]; e < Offsets[v + 1]; e++) outside += labels[Targets[e]] == labels[v] ? 0 : Weights[e];
            inside += Strengths[v] - outside;
            sums[labels[v]] += Masses[v];
        }
        foreach (double sum in sums) expected += sum * sum;
        return (inside - (scale * expected)) / TotalStrength;
    }

    /// <summary>The graph whose nodes are the communities of this one.</summary>
    /// <param name="labels">[nodes] 0 .. count - 1.</param>
    /// <param name="count">Communities.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public CsrGraph Aggregate(ReadOnlySpan<int> labels, int count)
    {
        int[] order = GroupByLabel(labels, count, out int[] starts), offsets = new int[count + 1], near = new int[count + 1];
        double[] sums = new double[count], strengths = new double[count], masses = Masses == Strengths ? strengths : new double[count];
        int[] targets = ArrayPool<int>.Shared.Rent(Targets.Length);
        double[] weights = ArrayPool<double>.Shared.Rent(Targets.Length);
        int written = 0;
        for (int c = 0; c < count; c++)
        {
            int found = 0;
            foreach (int v in order.AsSpan(starts[c]..starts[c + 1]))
            {
                strengths[c] += Strengths[v];
                if (masses != strengths) masses[c] += Masses[v];
                for (int e = Offsets[v]; e < Offsets[v + 1]; e++)
                {
                    int d = labels[Targets[e]];
                    double sum = sums[d];
                    near[found] = d;
                    found += sum == 0 ? 1 : 0;
                    sums[d] = sum + Weights[e];
                }
            }
            sums[c] = 0;
            foreach (int d in near.AsSpan(0, found))
            {
                (targets[written], weights[written]) = (d, sums[d]);
                written += d == c ? 0 : 1;
                sums[d] = 0;
            }
            offsets[c + 1] = written;
        }
        CsrGraph whole = new() { Offsets = offsets, Targets = targets[..written], Weights = weights[..written], Strengths = strengths, Masses = masses, TotalStrength = TotalStrength };
        ArrayPool<int>.Shared.Return(targets);
        ArrayPool<double>.Shared.Return(weights);
        return whole;
    }

    /// <summary>Nodes in the order of their labels; those of label c are at starts[c] .. starts[c + 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int[] GroupByLabel(ReadOnlySpan<int> labels, int count, out int[] starts)
    {
        starts = new int[count + 1];
        foreach (int label in labels) starts[label + 1]++;
        for (int c = 0; c < count; c++) starts[c + 1] += starts[c];
        int[] next = starts[..count], order = new int[labels.Length];
        for (int v = 0; v < labels.Length; v++) order[next[labels[v]]++] = v;
        return order;
    }
}
