namespace Pipeline.Processors.Communities;

/// <summary>Fast local moving: nodes go to the community where they gain most, and only the neighbours of what moved are looked at again.</summary>
internal static class LocalMoving
{
    /// <summary>Below this a move is rounding, not gain.</summary>
    private const double GainMin = 1e-12;

    /// <summary>Moves nodes until none gains.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="labels">[nodes] communities, numbers below the number of nodes; changed in place.</param>
    /// <param name="resolution">Resolution of the modularity.</param>
    /// <param name="random">Orders the first visits.</param>
    public static void Run(CsrGraph graph, int[] labels, double resolution, Random random)
    {
        int n = graph.Nodes;
        if (graph.TotalStrength == 0) return;
        double[] sums = new double[n], links = new double[n];
        int[] sizes = new int[n];
        for (int v = 0; v < n; v++)
        {
            sums[labels[v]] += graph.Strengths[v];
            sizes[labels[v]]++;
        }
        Stack<int> empty = new(Enumerable.Range(0, n).Where(c => sizes[c] == 0).Reverse());
        int[] queue = Enumerable.Range(0, n).ToArray();
        random.Shuffle(queue);
        bool[] queued = new bool[n];
        Array.Fill(queued, true);
        List<int> near = [];
        double scale = resolution / graph.TotalStrength;
        for (int head = 0, waiting = n; waiting > 0; waiting--)
        {
            int v = queue[head];
            head = head + 1 == n ? 0 : head + 1;
            queued[v] = false;
            int from = labels[v], to = Best(graph, v, labels, sums, links, near, scale, sizes[from] > 1 && empty.Count > 0 ? empty.Peek() : -1);
            if (to == from) continue;
            if (sizes[to]++ == 0) empty.Pop();
            if (--sizes[from] == 0) empty.Push(from);
            sums[from] -= graph.Strengths[v];
            sums[to] += graph.Strengths[v];
            labels[v] = to;
            for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
            {
                int u = graph.Targets[e];
                if (queued[u] || labels[u] == to) continue;
                queued[u] = true;
                queue[(head + waiting++ - 1) % n] = u;
            }
        }
    }

    /// <summary>The community that a node gains most in; its own where it gains nothing. An empty one is offered as <paramref name="alone"/>.</summary>
    private static int Best(CsrGraph graph, int v, int[] labels, double[] sums, double[] links, List<int> near, double scale, int alone)
    {
        near.Clear();
        int own = labels[v];
        for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
        {
            int c = labels[graph.Targets[e]];
            if (links[c] == 0) near.Add(c);
            links[c] += graph.Weights[e];
        }
        double strength = graph.Strengths[v] * scale;
        double best = links[own] - (strength * (sums[own] - graph.Strengths[v])) + GainMin;
        int target = own;
        foreach (int c in near)
        {
            if (c != own && links[c] - (strength * sums[c]) is double gain && gain > best) (best, target) = (gain, c);
            links[c] = 0;
        }
        return alone >= 0 && best < 0 ? alone : target;
    }
}
