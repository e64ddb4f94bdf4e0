using Pipeline.Processors.Communities;

namespace Pipeline.Tests.Unit.Processors.Communities;

/// <summary>What the definitions say, computed without any thought for time.</summary>
internal static class NaivePartitions
{
    /// <summary>Newman's sum over all ordered pairs of nodes.</summary>
    public static double Modularity(int nodes, IEnumerable<(int From, int To, double Weight)> edges, int[] labels, double resolution)
    {
        double[,] weights = new double[nodes, nodes];
        foreach ((int from, int to, double weight) in edges)
        {
            if (from == to) continue;
            weights[from, to] += weight;
            weights[to, from] += weight;
        }
        double[] strengths = new double[nodes];
        for (int i = 0; i < nodes; i++)
            for (int j = 0; j < nodes; j++) strengths[i] += weights[i, j];
        double total = strengths.Sum(), sum = 0;
        for (int i = 0; i < nodes; i++)
            for (int j = 0; j < nodes; j++)
                if (labels[i] == labels[j]) sum += weights[i, j] - (resolution * strengths[i] * strengths[j] / total);
        return total == 0 ? 0 : sum / total;
    }

    /// <summary>The constant Potts model, twice over: links inside, each in both directions, less the resolution for each ordered pair, a node with itself included.</summary>
    public static double Potts(int nodes, IEnumerable<(int From, int To, double Weight)> edges, int[] labels, double resolution)
    {
        double inside = edges.Where(e => e.From != e.To && labels[e.From] == labels[e.To]).Sum(e => 2 * e.Weight);
        return inside - (resolution * Enumerable.Range(0, nodes).GroupBy(v => labels[v]).Sum(c => (double)c.Count() * c.Count()));
    }

    /// <summary>The highest modularity of all partitions of a tiny graph.</summary>
    public static double Best(CsrGraph graph, double resolution) => Best(graph.Nodes, labels => graph.Modularity(labels, resolution));

    /// <summary>The highest quality of all partitions of so few nodes.</summary>
    public static double Best(int nodes, Func<int[], double> quality)
    {
        int[] labels = new int[nodes];
        return Search(0, 0);

        double Search(int node, int used)
        {
            if (node == labels.Length) return quality(labels);
            double best = double.NegativeInfinity;
            for (int label = 0; label <= used; label++)
            {
                labels[node] = label;
                best = Math.Max(best, Search(node + 1, Math.Max(used, label + 1)));
            }
            return best;
        }
    }

    /// <summary>Whether each community's nodes can all be reached from one another without leaving it.</summary>
    public static bool AllConnected(CsrGraph graph, Partition partition)
    {
        bool[] seen = new bool[graph.Nodes];
        HashSet<int> begun = [];
        for (int root = 0; root < graph.Nodes; root++)
        {
            if (seen[root]) continue;
            if (!begun.Add(partition.Labels[root])) return false;
            Stack<int> open = new([root]);
            seen[root] = true;
            while (open.TryPop(out int v))
            {
                foreach (int u in graph.Targets.AsSpan(graph.Offsets[v]..graph.Offsets[v + 1]))
                {
                    if (seen[u] || partition.Labels[u] != partition.Labels[v]) continue;
                    seen[u] = true;
                    open.Push(u);
                }
            }
        }
        return true;
    }
}
