using System.Collections.Concurrent;
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
    /// <summary>exp(-40) is 4e-18: below what a draw of 53 bits can hit.</summary>
    private const double Hopeless = 40;

    private readonly CsrGraph graph;
    private readonly int[] labels;
    private readonly double scale;
    private readonly double randomness;
    private readonly SplitMix random;
    private readonly int[] refined;
    private readonly double[] masses;
    private readonly double[] sums;
    private readonly double[] outward;
    private readonly double[] links;
    private readonly bool[] alone;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Refinement(CsrGraph graph, int[] labels, LeidenOptions options, SplitMix random)
    {
        this.graph = graph;
        this.labels = labels;
        this.random = random;
        scale = options.ScaleFor(graph);
        masses = graph.Masses;
        randomness = options.Randomness;
        refined = new int[graph.Nodes];
        for (int v = 0; v < refined.Length; v++) refined[v] = v;
        sums = [.. graph.Masses];
        outward = new double[graph.Nodes];
        links = new double[graph.Nodes];
        alone = new bool[graph.Nodes];
        Array.Fill(alone, true);
    }

    /// <summary>Refines a partition.</summary>
    /// <returns>[nodes] parts, each within one community; numbers below the number of nodes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int[] Run(CsrGraph graph, int[] labels, LeidenOptions options, SplitMix random)
    {
        Refinement refinement = new(graph, labels, options, random);
        int[] order = CsrGraph.GroupByLabel(labels, graph.Nodes, out int[] starts);
        if (options.Threads == 1)
        {
            Choices choices = new();
            for (int c = 0; c < graph.Nodes; c++) refinement.MergeWithin(c, order, starts, choices);
            return refinement.refined;
        }
        ParallelOptions threads = new() { MaxDegreeOfParallelism = options.Threads };
        Parallel.ForEach(Partitioner.Create(0, graph.Nodes), threads, () => new Choices(), (range, _, choices) =>
        {
            for (int c = range.Item1; c < range.Item2; c++) refinement.MergeWithin(c, order, starts, choices);
            return choices;
        }, _ => { });
        return refinement.refined;
    }

    private void MergeWithin(int community, int[] order, int[] starts, Choices choices)
    {
        if (starts[community + 1] - starts[community] > 1) Merge(order.AsSpan(starts[community]..starts[community + 1]), random.For(community), choices);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Merge(Span<int> members, SplitMix draws, Choices choices)
    {
        double whole = 0;
        int own = labels[members[0]];
        foreach (int v in members)
        {
            whole += masses[v];
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
            double best = Weigh(v, whole, choices);
            int part = Choose(v, best, choices, draws.NextDouble());
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

    /// <summary>Finds the well-connected parts that v loses nothing in, and the highest gain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Weigh(int v, double whole, Choices choices)
    {
        double mass = masses[v] * scale, best = 0;
        int found = 0;
        foreach (int part in choices.Near.AsSpan(0, choices.NearCount))
        {
            double gain = links[part] - (mass * sums[part]);
            if (gain < 0 || !IsWellConnected(part, whole)) continue;
            choices.Gains[found++] = (part, gain);
            best = Math.Max(best, gain);
        }
        choices.GainCount = found;
        return best;
    }

    /// <summary>One of the choices or staying alone, each with probability proportional to exp(gain / randomness).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Choose(int v, double best, Choices choices, double draw)
    {
        ReadOnlySpan<(int Part, double Gain)> gains = choices.Gains.AsSpan(0, choices.GainCount);
        if (gains.IsEmpty) return v;
        double stay = Likelihood(-best), total = stay;
        foreach ((_, double gain) in gains) total += Likelihood(gain - best);
        double left = (draw * total) - stay;
        if (left < 0) return v;
        foreach ((int part, double gain) in gains)
        {
            left -= Likelihood(gain - best);
            if (left < 0) return part;
        }
        return gains[^1].Part;
    }

    /// <summary>Of a choice that is worse than the best by so much; most are so much worse that nobody will ever see one chosen.</summary>
    private double Likelihood(double behind) => behind < -Hopeless * randomness ? 0 : Math.Exp(behind / randomness);

    private void Join(int v, int part)
    {
        outward[part] += outward[v] - (2 * links[part]);
        sums[part] += masses[v];
        refined[v] = part;
        alone[v] = alone[part] = false;
    }

    /// <summary>What one thread looks at for one node.</summary>
    private sealed class Choices
    {
        public int[] Near { get; private set; } = new int[64];

        public int NearCount { get; set; }

        public (int Part, double Gain)[] Gains { get; private set; } = new (int, double)[64];

        public int GainCount { get; set; }

        /// <summary>Near with room for so many and the place behind the last.</summary>
        public int[] Room(int count)
        {
            if (count >= Near.Length) (Near, Gains) = (new int[2 * count], new (int, double)[2 * count]);
            return Near;
        }
    }
}
