using Pipeline.Processors.Communities;

namespace Pipeline.Tests.Unit.Processors.Communities;

/// <summary>Random graphs whose communities are known: most edges stay within equal blocks of consecutive nodes.</summary>
internal static class PlantedGraph
{
    public static List<(int From, int To, double Weight)> Edges(int nodes, int block, int edges, double inside, int seed)
    {
        Random random = new(seed);
        List<(int, int, double)> list = [];
        while (list.Count < edges)
        {
            int from = random.Next(nodes), first = from / block * block;
            int to = random.NextDouble() < inside ? first + random.Next(Math.Min(block, nodes - first)) : random.Next(nodes);
            if (from != to) list.Add((from, to, .1 + random.NextDouble()));
        }
        return list;
    }

    public static CsrGraph Build(int nodes, int block, int edges, double inside, int seed) => CsrGraph.FromEdges(nodes, [.. Edges(nodes, block, edges, inside, seed)]);
}
