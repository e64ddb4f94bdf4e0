using System.Runtime.CompilerServices;
using Pipeline.Infra.Randomness;

namespace Pipeline.Processors.Communities;

/// <summary>Fast local moving: nodes go to the community where they gain most, and only the neighbours of what moved are looked at again.</summary>
internal sealed class LocalMoving
{
    /// <summary>
    /// As a share of the node's strength: below this a move may be rounding, and rounding could move nodes in circles for ever. Sums of up
    /// to a million moves at 1.1e-16 each drift by no more.
    /// </summary>
    private const double GainMin = 1e-10;

    /// <summary>So many make a block where there are many blocks; in a small graph, which is in the cache anyway, each node is one.</summary>
    private const int BlockNodes = 32, SmallNodes = 64 * BlockNodes;

    private readonly CsrGraph graph;
    private readonly int[] labels;
    private readonly double scale;
    private readonly double[] masses;
    private readonly double[] sums;
    private readonly double[] links;
    private readonly int[] sizes;
    private readonly int[] near;
    private readonly double[] gains;
    private readonly int[] empty;
    private int empties;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LocalMoving(CsrGraph graph, int[] labels, double scale)
    {
        int n = graph.Nodes;
        this.graph = graph;
        this.labels = labels;
        this.scale = scale;
        masses = graph.Masses;
        sums = new double[n];
        links = new double[n];
        sizes = new int[n];
        near = new int[n + 1];
        gains = new double[n];
        empty = new int[n];
        for (int v = 0; v < n; v++)
        {
            sums[labels[v]] += masses[v];
            sizes[labels[v]]++;
        }
        for (int c = n - 1; c >= 0; c--)
            if (sizes[c] == 0) empty[empties++] = c;
    }

    /// <summary>Moves nodes until none gains.</summary>
    /// <param name="graph">The graph, with some weight in it.</param>
    /// <param name="labels">[nodes] communities, numbers below the number of nodes; changed in place.</param>
    /// <param name="scale">See <see cref="CsrGraph.Quality"/>.</param>
    /// <param name="random">Orders the first visits.</param>
    public static void Run(CsrGraph graph, int[] labels, double scale, SplitMix random) =>
        new LocalMoving(graph, labels, scale).Drain(Order(graph.Nodes, ref random), graph.Nodes);

    /// <summary>As <see cref="Run"/>, but only these nodes are looked at first, and then whoever is next to one that moved.</summary>
    public static void Run(CsrGraph graph, int[] labels, double scale, ReadOnlySpan<int> first)
    {
        int[] queue = new int[graph.Nodes];
        bool[] queued = new bool[graph.Nodes];
        int count = 0;
        foreach (int v in first)
        {
            if (queued[v]) continue;
            queued[v] = true;
            queue[count++] = v;
        }
        new LocalMoving(graph, labels, scale).Drain(queue, count);
    }

    /// <summary>Nodes in blocks of neighbours in memory, the blocks in random order: as good as single nodes, and rows are read ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Order(int nodes, ref SplitMix random)
    {
        int block = nodes < SmallNodes ? 1 : BlockNodes;
        int[] blocks = new int[(nodes + block - 1) / block], order = new int[nodes];
        for (int b = 0; b < blocks.Length; b++) blocks[b] = b;
        random.Shuffle(blocks);
        int next = 0;
        foreach (int b in blocks)
        {
            int end = Math.Min((b + 1) * block, nodes);
            for (int v = b * block; v < end; v++) order[next++] = v;
        }
        return order;
    }

    /// <param name="queue">A ring with room for every node; a node is never in it twice, so that it never runs over.</param>
    /// <param name="waiting">Nodes in it at first.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Drain(int[] queue, int waiting)
    {
        int n = queue.Length, head = 0, tail = waiting == queue.Length ? 0 : waiting;
        bool[] queued = new bool[n];
        foreach (int v in queue.AsSpan(0, waiting)) queued[v] = true;
        for (; waiting > 0; waiting--)
        {
            int v = queue[head];
            head = head + 1 == n ? 0 : head + 1;
            queued[v] = false;
            int to = Best(v);
            if (to == labels[v]) continue;
            Move(v, to);
            foreach (int u in graph.Targets.AsSpan(graph.Offsets[v]..graph.Offsets[v + 1]))
            {
                if (queued[u] || labels[u] == to) continue;
                queued[u] = true;
                queue[tail] = u;
                tail = tail + 1 == n ? 0 : tail + 1;
                waiting++;
            }
        }
    }

    private void Move(int v, int to)
    {
        int from = labels[v];
        if (sizes[to]++ == 0) empties--;
        if (--sizes[from] == 0) empty[empties++] = from;
        sums[from] -= masses[v];
        sums[to] += masses[v];
        labels[v] = to;
    }

    /// <summary>The community that a node gains most in, an empty one included; its own where it gains nothing.</summary>
    /// <remarks>
    /// Neither loop branches on what it finds: the processor could guess neither whether a community was seen before nor whether it is the
    /// best so far, and wrong guesses cost three quarters of the time. So the place behind the last is written anyway, and the best gain is
    /// found first and whose it is later, only if it is one.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Best(int v)
    {
        ReadOnlySpan<int> targets = graph.Targets.AsSpan(graph.Offsets[v]..graph.Offsets[v + 1]);
        ReadOnlySpan<double> weights = graph.Weights.AsSpan(graph.Offsets[v], targets.Length);
        int found = 0;
        for (int e = 0; e < targets.Length; e++)
        {
            int c = labels[targets[e]];
            double link = links[c];
            near[found] = c;
            found += link == 0 ? 1 : 0;
            links[c] = link + weights[e];
        }
        int own = labels[v];
        double mass = masses[v] * scale;
        double stay = links[own] - (mass * (sums[own] - masses[v])) + (GainMin * graph.Strengths[v]), best = stay;
        for (int i = 0; i < found; i++)
        {
            int c = near[i];
            // That of its own community is less than to stay, since its sum holds the node itself.
            double gain = links[c] - (mass * sums[c]);
            links[c] = 0;
            gains[i] = gain;
            best = double.MaxNative(best, gain);
        }
        if (best < 0) return sizes[own] > 1 ? empty[empties - 1] : own;
        return best == stay ? own : near[gains.AsSpan(0, found).IndexOf(best)];
    }
}
