using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Pipeline.Infra.CommandLine;
using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Benchmarks.Similarity;

/// <summary><c>similarity-side</c>: one side in this process; started by <c>similarity</c>.</summary>
internal static class SimilaritySideCommand
{
    public const string Ours = "ours", Approximate = "ours, approximate", Onnx = "ONNX Runtime";

    /// <summary>Rows that every side sees once before it is measured.</summary>
    private const int WarmUpRows = 1000;

    private static readonly Argument<string> Name = new("name") { Description = "Which side" };
    private static readonly Option<FileInfo> Source = new Option<FileInfo>("--source") { Description = "float32 [n, m]: utilisation for ours, rows of length 1 for the peer", Required = true }.AcceptExistingOnly();
    private static readonly Option<FileInfo> Target = new("--target") { Description = "Where to: int32 [n, K], float32 [n, K]", Required = true };
    private static readonly Option<int> Rows = CommonOptions.Int("--rows", "n", 1000, 2, 1_000_000);
    private static readonly Option<int> Repetitions = CommonOptions.Int("--repetitions", "How often it runs", 1, 1, 1000);

    public static Command Create()
    {
        Command command = new("similarity-side", "Runs one side of the similarity benchmark.") { Hidden = true };
        command.Add(Name);
        foreach (Option option in new Option[] { Source, Target, Rows, Repetitions }) command.Add(option);
        command.SetAction(parsed =>
        {
            int n = parsed.GetValue(Rows);
            float[] values = ReadFloats(parsed.GetValue(Source)!);
            NeighbourList list = Run(parsed.GetValue(Name)!, values, n, parsed.GetValue(Repetitions));
            Write(list, parsed.GetValue(Target)!);
            return 0;
        });
        return command;
    }

    public static string[] Arguments(string side, string source, string target, int rows, int repetitions) =>
        ["similarity-side", side, "--source", source, "--target", target, "--rows", $"{rows}", "--repetitions", $"{repetitions}"];

    /// <summary>Reads what a side wrote.</summary>
    public static NeighbourList Read(string file, int n, int k)
    {
        NeighbourList list = new(n, k, new int[n * k], new float[n * k]);
        using FileStream stream = File.OpenRead(file);
        stream.ReadExactly(MemoryMarshal.AsBytes(list.Index.AsSpan()));
        stream.ReadExactly(MemoryMarshal.AsBytes(list.Weight.AsSpan()));
        return list;
    }

    public static void WriteFloats(string file, float[] values)
    {
        using FileStream stream = File.Create(file);
        for (int at = 0; at < values.Length; at += 1 << 24)
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(1 << 24, values.Length - at))));
    }

    private static NeighbourList Run(string side, float[] values, int n, int repetitions)
    {
        SimilarityOptions options = SideOptions(side);
        int warm = Math.Min(n, WarmUpRows);
        Find(side, values[..(warm * (values.Length / n))], warm, options);
        ProcessMemory.ForgetPeak();
        using Process process = Process.GetCurrentProcess();
        NeighbourList? list = null;
        for (int i = 0; i < repetitions; i++)
        {
            process.Refresh();
            TimeSpan cpu = process.TotalProcessorTime;
            long started = Stopwatch.GetTimestamp();
            list = Find(side, values, n, options);
            double wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
            process.Refresh();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run {wall:R} {(process.TotalProcessorTime - cpu).TotalSeconds:R}"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {ProcessMemory.PeakMiB:F0}"));
        return list!;
    }

    private static NeighbourList Find(string side, float[] values, int n, SimilarityOptions options)
    {
        if (side != Onnx) return SimilarityGraph.Build(values, n, values.Length / n, options);
        using OnnxPeer peer = new(NormalisedRows.Of(values, n, values.Length / n, options), n, options.K);
        return peer.Run();
    }

    private static SimilarityOptions SideOptions(string side) => side == Ours ? new() { ExactRowsMax = int.MaxValue } : new();

    private static float[] ReadFloats(FileInfo file)
    {
        float[] values = new float[file.Length / sizeof(float)];
        using FileStream stream = file.OpenRead();
        for (int at = 0; at < values.Length; at += 1 << 24)
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(1 << 24, values.Length - at))));
        return values;
    }

    private static void Write(NeighbourList list, FileInfo file)
    {
        using FileStream stream = file.Create();
        stream.Write(MemoryMarshal.AsBytes(list.Index.AsSpan()));
        stream.Write(MemoryMarshal.AsBytes(list.Weight.AsSpan()));
    }
}
