using System.Runtime.CompilerServices;
using Pipeline.Infra.Randomness;

namespace Pipeline.Processors.Communities;

/// <summary>
/// Refinement: within each community nodes begin alone and merge with others that they are well connected to. So every part is connected,
/// and a community that fell apart while nodes moved comes apart here. Communities do not touch each other's nodes, so they are refined
/// side by side.
/// </summary>
internal sealed class Refinement
{
    private readonly CsrGraph graph;
    private readonly int[] labels;
    private readonly double scale;
    private readonly double randomness;
    private readonly SplitMix random;
    private readonly int[] refined;
    private readonly double[] sums;
    private readonly double[] outward;
    private readonly double[] links;
    private readonly bool[] alone;

    private Refinement(CsrGraph graph, int[] labels, LeidenOptions options, SplitMix random)
    {
        this.graph = graph;
        this.labels = labels;
        this.random = random;
        scale = options.Resolution / graph.TotalStrength;
        randomness = options.Randomness;
        refined = new int[graph.Nodes];
        for (int v = 0; v < refined.Length; v++) refined[v] = v;
        sums = [.. graph.Strengths];
        outward = new double[graph.Nodes];
        links = new double[graph.Nodes];
        alone = new bool[graph.Nodes];
        Array.Fill(alone, true);
    }

    /// <summary>Refines a partition.</summary>
    /// <returns>[nodes] parts, each within one community; numbers below the number of nodes.</returns>
    public static int[] Run(CsrGraph graph, int[] labels, LeidenOptions options, SplitMix random)
    {
        Refinement refinement = new(graph, labels, options, random);
        int[] order = CsrGraph.GroupByLabel(labels, graph.Nodes, out int[] starts);
        ParallelOptions threads = new() { MaxDegreeOfParallelism = options.Threads };
        Parallel.For(0, graph.Nodes, threads, () => new Choices(), (c, _, choices) =>
        {
            if (starts[c + 1] - starts[c] > 1) refinement.Merge(order.AsSpan(starts[c]..starts[c + 1]), refinement.random.For(c), choices);
            return choices;
        }, _ => { });
        return refinement.refined;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Merge(Span<int> members, SplitMix draws, Choices choices)
    {
        double whole = 0;
        int own = labels[members[0]];
        foreach (int v in members)
        {
            whole += graph.Strengths[v];
            ReadOnlySpan<int> targets = graph.Targets.AsSpan(graph.Offsets[v]..graph.Offsets[v + 1]);
            ReadOnlySpan<double> weights = graph.Weights.AsSpan(graph.Offsets[v], targets.Length);
            double inside = 0;
            for (int e = 0; e < targets.Length; e++) inside += If(labels[targets[e]] == own, weights[e]);
            outward[v] = inside;
        }
        draws.Shuffle(members);
        foreach (int v in members)
        {
            if (!alone[v] || !IsWellConnected(v, whole)) continue;
            Gather(v, choices);
            Weigh(v, whole, choices);
            int part = Choose(v, choices, draws.NextDouble());
            if (part != v) Join(v, part);
            foreach (int c in choices.Near.AsSpan(0, choices.NearCount)) links[c] = 0;
        }
    }

    /// <summary>The weight or 0, without a branch: which it is cannot be guessed.</summary>
    private static double If(bool condition, double weight) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(weight) & -(condition ? 1L : 0L));

    /// <summary>A part (named by one of its nodes) has enough links to the rest of its community.</summary>
    private bool IsWellConnected(int part, double whole) => outward[part] >= scale * sums[part] * (whole - sums[part]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(int v, Choices choices)
    {
        ReadOnlySpan<int> targets = graph.Targets.AsSpan(graph.Offsets[v]..graph.Offsets[v + 1]);
        ReadOnlySpan<double> weights = graph.Weights.AsSpan(graph.Offsets[v], targets.Length);
        int[] near = choices.Room(targets.Length);
        int own = labels[v], found = 0;
        for (int e = 0; e < targets.Length; e++)
        {
            int u = targets[e];
            bool inside = labels[u] == own;
            // Another community's parts are another thread's: even adding 0 to their links could undo what that thread adds.
            int part = refined[inside ? u : v];
            double link = links[part];
            near[found] = part;
            found += link == 0 & inside ? 1 : 0;
            links[part] = link + If(inside, weights[e]);
        }
        choices.NearCount = found;
    }

    /// <summary>Finds the well-connected parts that v loses nothing in.</summary>
    private void Weigh(int v, double whole, Choices choices)
    {
        choices.Gains.Clear();
        double strength = graph.Strengths[v] * scale;
        foreach (int part in choices.Near.AsSpan(0, choices.NearCount))
        {
            double gain = links[part] - (strength * sums[part]);
            if (gain >= 0 && IsWellConnected(part, whole)) choices.Gains.Add((part, gain));
        }
    }

    /// <summary>One of the choices or staying alone, each with probability proportional to exp(gain / randomness).</summary>
    private int Choose(int v, Choices choices, double draw)
    {
        double best = 0;
        foreach ((_, double gain) in choices.Gains) best = Math.Max(best, gain);
        double stay = Math.Exp(-best / randomness), total = stay;
        foreach ((_, double gain) in choices.Gains) total += Math.Exp((gain - best) / randomness);
        double left = (draw * total) - stay;
        if (left < 0) return v;
        foreach ((int part, double gain) in choices.Gains)
        {
            left -= Math.Exp((gain - best) / randomness);
            if (left < 0) return part;
        }
        return choices.Gains.Count == 0 ? v : choices.Gains[^1].Part;
    }

    private void Join(int v, int part)
    {
        outward[part] += outward[v] - (2 * links[part]);
        sums[part] += graph.Strengths[v];
        refined[v] = part;
        alone[v] = alone[part] = false;
    }

    /// <summary>What one thread looks at for one node.</summary>
    private sealed class Choices
    {
        public int[] Near { get; private set; } = new int[64];

        public int NearCount { get; set; }

        /// <summary>Near with room for so many and the place behind the last.</summary>
        public int[] Room(int count) => count < Near.Length ? Near : Near = new int[2 * count];

        public List<(int Part, double Gain)> Gains { get; } = [];
    }
}
