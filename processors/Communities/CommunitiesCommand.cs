using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Processors.Communities;

/// <summary>The verb <c>communities</c>: a file of edges in, a file of labels out.</summary>
internal static class CommunitiesCommand
{
    /// <summary>A run takes about 100 bytes a node, used or not: 1 GB, which a mistyped node number should not exceed.</summary>
    private const int NodesMax = 10_000_000;

    /// <summary>Each edge is two entries of an array.</summary>
    private const int EdgesMax = 1_000_000_000;

    /// <summary>The square of the sum of all weights, and its inverse, have to be numbers.</summary>
    private const double WeightMin = 1e-100, WeightMax = 1e100;

    private const int ThreadsMax = 256;

    public static Command Create()
    {
        Option<FileInfo> edges = new("--edges") { Description = "File of lines 'u v w': two node numbers from 0 and a weight above 0; plain or .gz", Required = true, HelpName = "FILE" };
        edges.AcceptExistingOnly();
        Option<FileInfo> labels = new("--out") { Description = "File for the labels: one a line, node 0 first", Required = true, HelpName = "FILE" };
        Option<double> resolution = CommonOptions.Double("--resolution", "Higher values give more and smaller communities", 1, 1e-6, 1e6);
        Option<Quality> quality = new("--quality") { Description = "What is made as large as possible: weighted modularity, or the constant Potts model", DefaultValueFactory = _ => Quality.Modularity, HelpName = "modularity|cpm" };
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the order of visits", 1, 0, int.MaxValue);
        Option<int> threads = CommonOptions.Int("--threads", "Threads; the answer is the same for any number", 2, 1, ThreadsMax);
        Command command = new("communities", "Finds the communities of a graph (Leiden).") { edges, labels, quality, resolution, seed, threads };
        command.SetAction(parsed => Run(parsed.InvocationConfiguration.Output, parsed.GetRequiredValue(edges), parsed.GetRequiredValue(labels), new LeidenOptions
        {
            Quality = parsed.GetValue(quality),
            Resolution = parsed.GetValue(resolution),
            Seed = parsed.GetValue(seed),
            Threads = parsed.GetValue(threads),
        }));
        return command;
    }

    private static void Run(TextWriter output, FileInfo edges, FileInfo labels, LeidenOptions options)
    {
        // While the file is read the other core compiles what comes next.
        Task compiling = Task.Run(() => Leiden.Run(CsrGraph.FromEdges(4, (0, 1, 1), (1, 2, 1), (0, 2, 1), (2, 3, .1)), options));
        (int nodes, List<(int, int, double)> list) = Read(edges);
        compiling.Wait();
        long started = Stopwatch.GetTimestamp();
        CsrGraph graph = CsrGraph.FromEdges(nodes, CollectionsMarshal.AsSpan(list));
        Partition partition = Leiden.Run(graph, options);
        double ms = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        Write(labels, partition);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nodes={nodes} edges={list.Count} communities={partition.Count} modularity={partition.Modularity:0.00000} milliseconds={ms:0.0}"));
    }

    private static void Write(FileInfo file, Partition partition)
    {
        try
        {
            File.WriteAllLines(file.FullName, partition.Labels.Select(l => l.ToString(CultureInfo.InvariantCulture)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"--out: {file.FullName} cannot be written: {e.Message}", e);
        }
    }

    private static (int Nodes, List<(int From, int To, double Weight)> Edges) Read(FileInfo file)
    {
        List<(int, int, double)> edges = [];
        int nodes = 0, number = 0;
        try
        {
            using Stream stream = file.Extension == ".gz" ? new GZipStream(file.OpenRead(), CompressionMode.Decompress) : file.OpenRead();
            using StreamReader reader = new(stream);
            while (reader.ReadLine() is { } line)
            {
                number++;
                if (string.IsNullOrWhiteSpace(line)) continue;
                if (!TryParse(line, out (int From, int To, double Weight) edge))
                    throw new UserException($"{file.FullName} line {number}: '{line}' is not 'u v w' with two node numbers from 0 to {NodesMax - 1} and a weight from 1e-100 to 1e100");
                if (edges.Count == EdgesMax) throw new UserException($"{file.FullName} line {number}: more than {EdgesMax} edges; split the graph");
                edges.Add(edge);
                nodes = Math.Max(nodes, Math.Max(edge.From, edge.To) + 1);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserException($"{file.FullName} cannot be read after line {number}: {e.Message}", e);
        }
        return (nodes, edges);
    }

    private static bool TryParse(ReadOnlySpan<char> line, out (int From, int To, double Weight) edge)
    {
        edge = default;
        Span<Range> fields = stackalloc Range[4];
        return line.SplitAny(fields, " \t", StringSplitOptions.RemoveEmptyEntries) == 3
            && int.TryParse(line[fields[0]], NumberStyles.None, CultureInfo.InvariantCulture, out edge.From)
            && int.TryParse(line[fields[1]], NumberStyles.None, CultureInfo.InvariantCulture, out edge.To)
            && double.TryParse(line[fields[2]], NumberStyles.Float, CultureInfo.InvariantCulture, out edge.Weight)
            && edge.From < NodesMax && edge.To < NodesMax && edge.Weight is >= WeightMin and <= WeightMax;
    }
}
