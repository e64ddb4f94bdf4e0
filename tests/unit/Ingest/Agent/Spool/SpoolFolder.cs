using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Ingest.Agent.Spool;

namespace Pipeline.Tests.Unit.Ingest.Agent.Spool;

/// <summary>A spool's folder that lives as long as a test.</summary>
internal sealed class SpoolFolder : IDisposable
{
    /// <summary>2026-01-01T00:00:00Z.</summary>
    public const long Start = 1_767_225_600_000;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-spool-");

    public string Path => folder.FullName;

    public IEnumerable<string> Files => Directory.EnumerateFiles(Path, "*.spool").Order(StringComparer.Ordinal);

    public ReportSpool Open(long bytes = 16 << 20, TimeSpan? age = null) =>
        new(new SpoolOptions { Folder = Path, BytesMax = bytes, AgeMax = age ?? TimeSpan.FromDays(1), Sync = false }, NullLogger.Instance);

    /// <summary>Appends the next report.</summary>
    public static SpooledReport Append(ReportSpool spool, int size = 40)
    {
        SpooledReport report = Report(spool.NextSequence, size);
        Assert.True(spool.Append(report));
        return report;
    }

    public static SpooledReport Report(ulong sequence, int size = 40) =>
        new(sequence, Start + ((long)sequence * 10_000), "cell-ä", [.. Enumerable.Range(0, size).Select(i => (byte)((int)sequence + i))]);

    public static ulong[] Numbers(ReportSpool spool) => [.. spool.Oldest(int.MaxValue, _ => true).Select(r => r.Sequence)];

    public Dictionary<string, byte[]> Save() => Files.ToDictionary(f => f, File.ReadAllBytes);

    public void Load(Dictionary<string, byte[]> files)
    {
        foreach (string file in Files.ToArray()) File.Delete(file);
        foreach ((string file, byte[] bytes) in files) File.WriteAllBytes(file, bytes);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
