using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Pipeline.Infra.Randomness;

namespace Pipeline.Processors.Communities;

/// <summary>Fast local moving: nodes go to the community where they gain most, and only the neighbours of what moved are looked at again.</summary>
/// <remarks>
/// In a large graph nodes are looked at in batches, side by side, all against the same state; then those that would go do so one by one, if they
/// still gain. Who stays is looked at again when a neighbour goes, so nothing is missed. What happens depends on graph and order alone, not on
/// the number of threads.
/// </remarks>
internal sealed class LocalMoving
{
    /// <summary>
    /// As a share of the node's strength: below this a move may be rounding, and rounding could move nodes in circles for ever. Sums of up
    /// to a million moves at 1.1e-16 each drift by no more.
    /// </summary>
    private const double GainMin = 1e-10;

    /// <summary>So many make a block where there are many blocks; in a small graph, which is in the cache anyway, each node is one.</summary>
    private const int BlockNodes = 32, SmallNodes = 64 * BlockNodes;

    /// <summary>
    /// A batch is .3 ms of work, of which handing it to another core takes .02; in a smaller graph so many nodes at once would be looked at
    /// against a state that is not theirs any more.
    /// </summary>
    private const int BatchNodes = 1024, ChunkNodes = 128, BatchGraphNodes = 32 * BatchNodes;

    private readonly CsrGraph graph;
    private readonly int[] labels;
    private readonly double scale;
    private readonly double[] masses;
    private readonly double[] sums;
    private readonly int[] sizes;
    private readonly int[] empty;
    private readonly Scratch own;
    private readonly ParallelOptions parallel;
    private readonly ConcurrentBag<Scratch> spare = [];
    private int empties;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private LocalMoving(CsrGraph graph, int[] labels, double scale, int threads)
    {
        int n = graph.Nodes;
        this.graph = graph;
        this.labels = labels;
        this.scale = scale;
        masses = graph.Masses;
        sums = new double[n];
        sizes = new int[n];
        empty = new int[n];
        own = new Scratch(n);
        parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
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
    /// <param name="options">Quality and threads.</param>
    /// <param name="random">Orders the first visits.</param>
    public static void Run(CsrGraph graph, int[] labels, LeidenOptions options, SplitMix random) =>
        new LocalMoving(graph, labels, options.ScaleFor(graph), options.Threads).Drain(Order(graph.Nodes, ref random), graph.Nodes);

    /// <summary>As <see cref="Run(CsrGraph, int[], LeidenOptions, SplitMix)"/>, but only these nodes are looked at first, and then whoever is next to one that moved.</summary>
    public static void Run(CsrGraph graph, int[] labels, LeidenOptions options, ReadOnlySpan<int> first)
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
        new LocalMoving(graph, labels, options.ScaleFor(graph), options.Threads).Drain(queue, count);
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
        Ring ring = new(queue, waiting);
        if (graph.Nodes >= BatchGraphNodes)
        {
            int[] batch = new int[BatchNodes], targets = new int[BatchNodes];
            while (ring.Waiting >= BatchNodes) Visit(ring, batch, targets);
        }
        while (ring.Waiting > 0)
        {
            int v = ring.Take(), to = Best(v, own);
            if (to != labels[v]) Move(v, to, ring);
        }
    }

    private void Visit(Ring ring, int[] batch, int[] targets)
    {
        for (int i = 0; i < batch.Length; i++) batch[i] = ring.Take();
        Parallel.For(0, batch.Length / ChunkNodes, parallel, () => spare.TryTake(out Scratch? taken) ? taken : new Scratch(graph.Nodes), (chunk, _, scratch) =>
        {
            BestOf(batch, targets, chunk * ChunkNodes, scratch);
            return scratch;
        }, spare.Add);
        for (int i = 0; i < batch.Length; i++)
        {
            (int v, int to) = (batch[i], targets[i]);
            if (to == labels[v]) continue;
            if (!Gains(v, to)) to = Best(v, own);
            if (to != labels[v]) Move(v, to, ring);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BestOf(int[] batch, int[] targets, int first, Scratch scratch)
    {
        for (int i = first; i < first + ChunkNodes; i++) targets[i] = Best(batch[i], scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Move(int v, int to, Ring ring)
    {
        int from = labels[v];
        if (sizes[to]++ == 0) empties--;
        if (--sizes[from] == 0) empty[empties++] = from;
        sums[from] -= masses[v];
        sums[to] += masses[v];
        labels[v] = to;
        foreach (int u in graph.Targets.AsSpan(graph.Offsets[v]..graph.Offsets[v + 1]))
            if (labels[u] != to) ring.Add(u);
    }

    /// <summary>Whether it still gains where it gained most a moment ago. A community that had no nodes and is not the next of these is left to <see cref="Best"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Gains(int v, int to)
    {
        if (sizes[to] == 0) return false;
        int from = labels[v];
        double stay = 0, go = 0;
        for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
        {
            int c = labels[graph.Targets[e]];
            double weight = graph.Weights[e];
            stay += c == from ? weight : 0;
            go += c == to ? weight : 0;
        }
        double mass = masses[v] * scale;
        return go - (mass * sums[to]) > stay - (mass * (sums[from] - masses[v])) + (GainMin * graph.Strengths[v]);
    }

    /// <summary>The community that a node gains most in, an empty one included; its own where it gains nothing.</summary>
    /// <remarks>
    /// Neither loop branches on what it finds: the processor could guess neither whether a community was seen before nor whether it is the
    /// best so far, and wrong guesses cost three quarters of the time. So the place behind the last is written anyway, and the best gain is
    /// found first and whose it is later, only if it is one.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Best(int v, Scratch scratch)
    {
        (double[] links, int[] near, double[] gains) = (scratch.Links, scratch.Near, scratch.Gains);
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

    /// <summary>What one thread writes to.</summary>
    private sealed class Scratch(int nodes)
    {
        /// <summary>[nodes] weight of the edges into each community; all 0 between two visits.</summary>
        public readonly double[] Links = new double[nodes];

        /// <summary>[nodes + 1] communities next to the node.</summary>
        public readonly int[] Near = new int[nodes + 1];

        /// <summary>[nodes] what is gained there.</summary>
        public readonly double[] Gains = new double[nodes];
    }

    /// <summary>Nodes that wait, each once.</summary>
    private sealed class Ring
    {
        private readonly int[] nodes;
        private readonly bool[] queued;
        private int head;
        private int tail;

        public Ring(int[] nodes, int waiting)
        {
            (this.nodes, queued, Waiting, tail) = (nodes, new bool[nodes.Length], waiting, waiting == nodes.Length ? 0 : waiting);
            foreach (int v in nodes.AsSpan(0, waiting)) queued[v] = true;
        }

        public int Waiting { get; private set; }

        public int Take()
        {
            int v = nodes[head];
            head = head + 1 == nodes.Length ? 0 : head + 1;
            queued[v] = false;
            Waiting--;
            return v;
        }

        public void Add(int v)
        {
            if (queued[v]) return;
            queued[v] = true;
            nodes[tail] = v;
            tail = tail + 1 == nodes.Length ? 0 : tail + 1;
            Waiting++;
        }
    }
}
