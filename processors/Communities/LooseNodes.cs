namespace Pipeline.Processors.Communities;

/// <summary>Takes nodes that hardly belong to their community out of it: they are alone, not forced.</summary>
internal static class LooseNodes
{
    /// <summary>Leaves only nodes in communities whose links into them weigh enough, again and again, since each one that leaves takes links away from others.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="labels">[nodes] communities, 0 to below the number of nodes.</param>
    /// <param name="least">What a node's links into its community have to weigh together.</param>
    /// <returns>[nodes] labels, those alone with numbers of their own from the number of nodes up.</returns>
    public static int[] Release(CsrGraph graph, ReadOnlySpan<int> labels, Func<int, double> least)
    {
        int[] result = [.. labels];
        List<int> loose = [];
        do
        {
            loose.Clear();
            for (int v = 0; v < graph.Nodes; v++)
                if (result[v] < graph.Nodes && Inside(graph, result, v) < least(v)) loose.Add(v);
            foreach (int v in loose) result[v] = graph.Nodes + v;
        }
        while (loose.Count > 0);
        return result;
    }

    private static double Inside(CsrGraph graph, int[] labels, int v)
    {
        double sum = 0;
        for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
            if (labels[graph.Targets[e]] == labels[v]) sum += graph.Weights[e] * graph.Weights[e];
        return sum;
    }
}
