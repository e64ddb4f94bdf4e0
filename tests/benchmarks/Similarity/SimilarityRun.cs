using System.ComponentModel;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Benchmarks.Similarity;

/// <summary>Runs all sides of one size after each other on the same fleet, and compares what they found.</summary>
internal sealed class SimilarityRun(int steps, int repetitions, int seed, string python) : IDisposable
{
    private const string Numpy = "numpy";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("similarity-");
    private readonly SortedSet<string> notes = new(StringComparer.Ordinal);
    private bool numpy;

    public IReadOnlyCollection<string> Notes => notes;

    public async Task LookForNumpyAsync(CancellationToken cancel)
    {
        try
        {
            await ChildProcess.RunAsync(python, ["-c", "import numpy"], cancel);
            numpy = true;
        }
        catch (Exception e) when (e is UserException or Win32Exception)
        {
            notes.Add($"numpy is skipped: {python} has none (Debian: apt-get install python3-numpy libopenblas0-pthread; or --python).");
        }
    }

    /// <summary>One size: ours, the peers, a line for each.</summary>
    public async Task CompareAsync(int n, double missing, CancellationToken cancel)
    {
        string cpuFile = Path("cpu");
        float[] cpu = new SyntheticFleet(n, steps, seed).Cpu(missing);
        SimilaritySideCommand.WriteFloats(cpuFile, cpu);
        GC.Collect();
        (SideRun ours, NeighbourList found) = await RunAsync(SimilaritySideCommand.Ours, cpuFile, n, cancel);
        Print(n, missing, SimilaritySideCommand.Ours, ours, ours, "");
        if (n > new SimilarityOptions().ExactRowsMax)
        {
            // Then this is what the service does. The others would take the machine for many minutes.
            (SideRun run, NeighbourList approximate) = await RunAsync(SimilaritySideCommand.Approximate, cpuFile, n, cancel);
            Print(n, missing, SimilaritySideCommand.Approximate, run, ours, string.Create(CultureInfo.InvariantCulture, $"{Agreement.Of(found, approximate, .3f).Found:P2} (above .3)"));
            return;
        }
        foreach (string side in numpy ? new[] { SimilaritySideCommand.Onnx, Numpy } : [SimilaritySideCommand.Onnx])
        {
            (SideRun peer, NeighbourList other) = await RunAsync(side, cpuFile, n, cancel);
            if (missing == 0) Agreement.Check(found, other, .3f, side);
            Print(n, missing, side, peer, ours, string.Create(CultureInfo.InvariantCulture, $"{Agreement.Of(found, other, 0).Found:P2}"));
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string Path(string name) => System.IO.Path.Combine(folder.FullName, name);

    private async Task<(SideRun Run, NeighbourList List)> RunAsync(string side, string source, int n, CancellationToken cancel)
    {
        string target = Path("neighbours");
        int times = repetitions > 0 ? repetitions : Math.Clamp(30_000 / n, 1, 9);
        string output = side == Numpy
            ? await ChildProcess.RunAsync(python, [System.IO.Path.Combine(AppContext.BaseDirectory, "Similarity", "numpy_peer.py"), source, $"{n}", $"{times}", target], cancel)
            : await ChildProcess.RunSelfAsync(SimilaritySideCommand.Arguments(side, source, target, n, times), cancel);
        SideRun run = SideRun.Parse(output);
        if (run.Note.Length > 0) notes.Add(run.Note);
        return (run, SimilaritySideCommand.Read(target, n, new SimilarityOptions().K));
    }

    private static void Print(int n, double missing, string side, SideRun run, SideRun ours, string found) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {n:N0} | {missing:P0} | {side} | {run.Best.Wall * 1000:N0} | {run.Best.Cpu:F2} | {run.Best.Wall / ours.Best.Wall:F1} | {run.PeakMiB:N0} | {found} |"));
}
