using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Processors.Communities;

/// <summary>The verb <c>communities</c>: a file of edges in, a file of labels out.</summary>
internal static class CommunitiesCommand
{
    /// <summary>Node numbers are array indices.</summary>
    private const int NodesMax = 50_000_000;

    public static Command Create()
    {
        Option<FileInfo> edges = new("--edges") { Description = "File of lines 'u v w': two node numbers from 0 and a weight above 0; plain or .gz", Required = true, HelpName = "FILE" };
        edges.AcceptExistingOnly();
        Option<FileInfo> labels = new("--out") { Description = "File for the labels: one a line, node 0 first", Required = true, HelpName = "FILE" };
        Option<double> resolution = CommonOptions.Double("--resolution", "Higher values give more and smaller communities", 1, 1e-6, 1e6);
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the order of visits", 1, 0, int.MaxValue);
        Command command = new("communities", "Finds the communities of a graph (Leiden, weighted modularity).") { edges, labels, resolution, seed };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(edges), parsed.GetRequiredValue(labels), new LeidenOptions { Resolution = parsed.GetValue(resolution), Seed = parsed.GetValue(seed) }));
        return command;
    }

    private static void Run(FileInfo edges, FileInfo labels, LeidenOptions options)
    {
        (int nodes, List<(int, int, double)> list) = Read(edges);
        long started = Stopwatch.GetTimestamp();
        CsrGraph graph = CsrGraph.FromEdges(nodes, list);
        Partition partition = Leiden.Run(graph, options);
        double ms = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        File.WriteAllLines(labels.FullName, partition.Labels.Select(l => l.ToString(CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nodes={nodes} edges={list.Count} communities={partition.Count} modularity={partition.Modularity:0.00000} milliseconds={ms:0.0}"));
    }

    private static (int Nodes, List<(int From, int To, double Weight)> Edges) Read(FileInfo file)
    {
        List<(int, int, double)> edges = [];
        int nodes = 0, number = 0;
        using Stream stream = file.Extension == ".gz" ? new GZipStream(file.OpenRead(), CompressionMode.Decompress) : file.OpenRead();
        using StreamReader reader = new(stream);
        Span<Range> fields = stackalloc Range[4];
        while (reader.ReadLine() is { } line)
        {
            number++;
            ReadOnlySpan<char> text = line.AsSpan().Trim();
            if (text.IsEmpty) continue;
            if (text.SplitAny(fields, " \t", StringSplitOptions.RemoveEmptyEntries) != 3
                || !int.TryParse(text[fields[0]], NumberStyles.None, CultureInfo.InvariantCulture, out int from)
                || !int.TryParse(text[fields[1]], NumberStyles.None, CultureInfo.InvariantCulture, out int to)
                || !double.TryParse(text[fields[2]], NumberStyles.Float, CultureInfo.InvariantCulture, out double weight)
                || from >= NodesMax || to >= NodesMax || !(weight > 0) || !double.IsFinite(weight))
                throw new UserException($"{file.FullName} line {number}: '{line}' is not 'u v w' with two node numbers from 0 to {NodesMax - 1} and a weight above 0");
            edges.Add((from, to, weight));
            nodes = Math.Max(nodes, Math.Max(from, to) + 1);
        }
        return (nodes, edges);
    }
}
