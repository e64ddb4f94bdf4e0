using System.Globalization;
using System.IO.Compression;
using Pipeline.Processors.Communities;
using Pipeline.Tests.Unit.Infra.Traces;

namespace Pipeline.Tests.Unit.Processors.Communities;

/// <summary>Against igraph's Leiden run to convergence, as published with the graphs: median modularity of three seeds.</summary>
public sealed class ReferenceGraphTests
{
    private const string Folder = "graphs";

    /// <summary>How far below igraph is still level: more than seeds differ.</summary>
    private const double Tolerance = .0005;

    [TraceDataFact(Folder)]
    public void A_thousand_nodes_in_as_good_communities_as_igraph_finds() => Compare("1k", .70646);

    [TraceDataFact(Folder)]
    public void Ten_thousand_nodes_in_as_good_communities_as_igraph_finds() => Compare("10k", .74763);

    [TraceDataFact(Folder)]
    public void A_hundred_thousand_nodes_in_as_good_communities_as_igraph_finds() => Compare("100k", .59339);

    private static void Compare(string name, double igraph)
    {
        string file = Path.Combine(TraceDataFactAttribute.Folder(Folder).FullName, name + ".edges.gz");
        using StreamReader reader = new(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        List<(int From, int To, double Weight)> edges = [];
        while (reader.ReadLine()?.Split(' ') is { } fields)
            edges.Add((int.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture), double.Parse(fields[2], CultureInfo.InvariantCulture)));
        CsrGraph graph = CsrGraph.FromEdges(edges.Max(e => Math.Max(e.From, e.To)) + 1, [.. edges]);
        Partition partition = Leiden.Run(graph, new LeidenOptions());
        Assert.True(partition.Modularity >= igraph - Tolerance, $"{name}: {partition.Modularity}");
        Assert.True(NaivePartitions.AllConnected(graph, partition));
    }
}
