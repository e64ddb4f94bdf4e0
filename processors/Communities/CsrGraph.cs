using Pipeline.Processors.Similarity;

namespace Pipeline.Processors.Communities;

/// <summary>An undirected weighted graph in compressed rows; each edge stands in the rows of both its ends.</summary>
public sealed class CsrGraph
{
    /// <summary>[nodes + 1] where each row begins.</summary>
    public required int[] Offsets { get; init; }

    /// <summary>Other end of each entry.</summary>
    public required int[] Targets { get; init; }

    /// <summary>Weight of each entry, above 0.</summary>
    public required double[] Weights { get; init; }

    /// <summary>[nodes] sum of the weights at each node; an edge of a node with itself counts twice.</summary>
    public required double[] Strengths { get; init; }

    /// <summary>Sum of all strengths: twice the weight of all edges.</summary>
    public required double TotalStrength { get; init; }

    public int Nodes => Offsets.Length - 1;

    /// <summary>Builds a graph; edges given twice add up, edges of a node with itself are left out.</summary>
    public static CsrGraph FromEdges(int nodes, IReadOnlyList<(int From, int To, double Weight)> edges)
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
    public static CsrGraph FromNeighbours(NeighbourList list)
    {
        List<(int, int, double)> edges = [];
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
        return FromEdges(list.Rows, edges);
    }

    /// <summary>Weighted modularity of a partition (Newman 2004; with resolution: Reichardt and Bornholdt 2006).</summary>
    /// <param name="labels">[nodes] communities, numbers from 0 to below the number of nodes.</param>
    /// <param name="resolution">1 is the plain modularity.</param>
    public double Modularity(ReadOnlySpan<int> labels, double resolution)
    {
        if (TotalStrength == 0) return 0;
        double inside = 0;
        double[] sums = new double[Nodes];
        for (int v = 0; v < Nodes; v++)
        {
            double own = Strengths[v];
            for (int e = Offsets[v]; e < Offsets[v + 1]; e++)
            {
                own -= Weights[e];
                if (labels[Targets[e]] == labels[v]) inside += Weights[e];
            }
            // What is left of the strength is the node's edge with itself, in aggregated graphs.
            inside += own;
            sums[labels[v]] += Strengths[v];
        }
        double expected = 0;
        foreach (double sum in sums) expected += sum * sum;
        return (inside / TotalStrength) - (resolution * expected / (TotalStrength * TotalStrength));
    }

    /// <summary>The graph whose nodes are the communities of this one.</summary>
    /// <param name="labels">[nodes] 0 .. count - 1.</param>
    /// <param name="count">Communities.</param>
    public CsrGraph Aggregate(ReadOnlySpan<int> labels, int count)
    {
        int[] order = GroupByLabel(labels, count, out int[] starts);
        double[] sums = new double[count], strengths = new double[count];
        bool[] touched = new bool[count];
        List<int> targets = new(Targets.Length), found = [];
        List<double> weights = new(Targets.Length);
        int[] offsets = new int[count + 1];
        for (int c = 0; c < count; c++)
        {
            found.Clear();
            for (int i = starts[c]; i < starts[c + 1]; i++)
            {
                int v = order[i];
                strengths[c] += Strengths[v];
                for (int e = Offsets[v]; e < Offsets[v + 1]; e++)
                {
                    int d = labels[Targets[e]];
                    if (d == c) continue;
                    if (!touched[d])
                    {
                        touched[d] = true;
                        found.Add(d);
                    }
                    sums[d] += Weights[e];
                }
            }
            found.Sort();
            foreach (int d in found)
            {
                targets.Add(d);
                weights.Add(sums[d]);
                (sums[d], touched[d]) = (0, false);
            }
            offsets[c + 1] = targets.Count;
        }
        return new CsrGraph { Offsets = offsets, Targets = [.. targets], Weights = [.. weights], Strengths = strengths, TotalStrength = TotalStrength };
    }

    /// <summary>Nodes in the order of their labels; those of label c are at starts[c] .. starts[c + 1].</summary>
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
