using System.Text.Json;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>When spot instances of a zone were to be had: <c>{"metadata": {"gap_seconds": G}, "data": [instances, ...]}</c> (Wu et al., "Can't Be Late", NSDI 2024).</summary>
/// <param name="Name">Path of the file within its folder.</param>
/// <param name="GapS">Seconds between two values.</param>
/// <param name="Available">Share of the most that were ever available, 0..1.</param>
public sealed record SpotTrace(string Name, double GapS, IReadOnlyList<double> Available)
{
    /// <summary>Two months every ten seconds: longer files are of another kind.</summary>
    private const int ValuesMax = 600_000;

    /// <summary>All .json files of a folder and the folders in it, by name.</summary>
    /// <exception cref="UserException">There is none, or one is not of this kind.</exception>
    public static IReadOnlyList<SpotTrace> Load(DirectoryInfo folder)
    {
        List<SpotTrace> traces = [.. folder.EnumerateFiles("*.json", SearchOption.AllDirectories).OrderBy(f => f.FullName, StringComparer.Ordinal).Select(f => Read(folder, f))];
        return traces.Count > 0 ? traces : throw new UserException($"{folder.FullName} has no .json file; spot traces are wanted: {{\"metadata\": {{\"gap_seconds\": 300}}, \"data\": [1, 0, ...]}}");
    }

    /// <summary>Is an instance that came with this rank (0..1; the higher, the sooner it has to go) there at this time? The trace goes round in circles.</summary>
    public bool Has(double timeS, double rank) => Available[(int)((long)(timeS / GapS) % Available.Count)] > rank;

    private static SpotTrace Read(DirectoryInfo folder, FileInfo file)
    {
        try
        {
            using FileStream stream = file.OpenRead();
            using JsonDocument json = JsonDocument.Parse(stream);
            double gap = json.RootElement.GetProperty("metadata").GetProperty("gap_seconds").GetDouble();
            double[] data = [.. json.RootElement.GetProperty("data").EnumerateArray().Select(v => v.GetDouble())];
            if (!(gap > 0) || data.Length is 0 or > ValuesMax || data.Any(v => v < 0)) throw new UserException($"{file.FullName}: gap_seconds above 0 and 1 to {ValuesMax} values of 0 and more are wanted");
            double most = Math.Max(1, data.Max());
            return new SpotTrace(Path.GetRelativePath(folder.FullName, file.FullName), gap, [.. data.Select(v => v / most)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{file.FullName} is no spot trace: {e.Message}", e);
        }
    }
}
