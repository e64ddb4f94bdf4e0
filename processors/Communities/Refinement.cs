namespace Pipeline.Processors.Communities;

/// <summary>
/// Refinement: within each community nodes begin alone and merge with others that they are well connected to. So every part is connected,
/// and a community that fell apart while nodes moved comes apart here.
/// </summary>
internal sealed class Refinement
{
    private readonly CsrGraph graph;
    private readonly int[] labels;
    private readonly double scale;
    private readonly double randomness;
    private readonly Random random;
    private readonly int[] refined;
    private readonly double[] sums;
    private readonly double[] outward;
    private readonly double[] links;
    private readonly bool[] alone;
    private readonly List<int> near = [];
    private readonly List<(int Part, double Gain)> choices = [];

    private Refinement(CsrGraph graph, int[] labels, LeidenOptions options, Random random)
    {
        this.graph = graph;
        this.labels = labels;
        this.random = random;
        scale = options.Resolution / graph.TotalStrength;
        randomness = options.Randomness;
        refined = Enumerable.Range(0, graph.Nodes).ToArray();
        sums = [.. graph.Strengths];
        outward = new double[graph.Nodes];
        links = new double[graph.Nodes];
        alone = new bool[graph.Nodes];
        Array.Fill(alone, true);
    }

    /// <summary>Refines a partition.</summary>
    /// <returns>[nodes] parts, each within one community; numbers below the number of nodes.</returns>
    public static int[] Run(CsrGraph graph, int[] labels, LeidenOptions options, Random random)
    {
        Refinement refinement = new(graph, labels, options, random);
        int[] order = CsrGraph.GroupByLabel(labels, graph.Nodes, out int[] starts);
        for (int c = 0; c < graph.Nodes; c++)
            if (starts[c + 1] - starts[c] > 1) refinement.Merge(order.AsSpan(starts[c]..starts[c + 1]));
        return refinement.refined;
    }

    private void Merge(Span<int> members)
    {
        double whole = 0;
        foreach (int v in members)
        {
            whole += graph.Strengths[v];
            double inside = 0;
            for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
                if (labels[graph.Targets[e]] == labels[v]) inside += graph.Weights[e];
            outward[v] = inside;
        }
        random.Shuffle(members);
        foreach (int v in members)
        {
            if (!alone[v] || !IsWellConnected(v, whole)) continue;
            Gather(v);
            int part = Choose(v, whole);
            if (part != v) Join(v, part);
            foreach (int c in near) links[c] = 0;
        }
    }

    /// <summary>A part (named by one of its nodes) has enough links to the rest of its community.</summary>
    private bool IsWellConnected(int part, double whole) => outward[part] >= scale * sums[part] * (whole - sums[part]);

    private void Gather(int v)
    {
        near.Clear();
        for (int e = graph.Offsets[v]; e < graph.Offsets[v + 1]; e++)
        {
            int u = graph.Targets[e];
            if (labels[u] != labels[v]) continue;
            int part = refined[u];
            if (links[part] == 0) near.Add(part);
            links[part] += graph.Weights[e];
        }
    }

    /// <summary>One of the parts that v loses nothing in, the more likely the more it gains.</summary>
    private int Choose(int v, double whole)
    {
        choices.Clear();
        double strength = graph.Strengths[v] * scale, best = 0;
        foreach (int part in near)
        {
            double gain = links[part] - (strength * sums[part]);
            if (gain < 0 || !IsWellConnected(part, whole)) continue;
            choices.Add((part, gain));
            best = Math.Max(best, gain);
        }
        if (choices.Count == 0) return v;
        double total = Math.Exp(-best / randomness);
        foreach ((_, double gain) in choices) total += Math.Exp((gain - best) / randomness);
        double draw = (random.NextDouble() * total) - Math.Exp(-best / randomness);
        if (draw < 0) return v;
        foreach ((int part, double gain) in choices)
        {
            draw -= Math.Exp((gain - best) / randomness);
            if (draw < 0) return part;
        }
        return choices[^1].Part;
    }

    private void Join(int v, int part)
    {
        outward[part] += outward[v] - (2 * links[part]);
        sums[part] += graph.Strengths[v];
        refined[v] = part;
        alone[v] = alone[part] = false;
    }
}
