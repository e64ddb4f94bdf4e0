using System.IO.Compression;
using System.Text;

namespace Pipeline.Tests.Unit.Infra.Traces;

/// <summary>A trace folder that lives as long as a test.</summary>
internal sealed class TraceFolder : IDisposable
{
    public DirectoryInfo Info { get; } = Directory.CreateTempSubdirectory("pipeline-trace-");

    public TraceFolder With(string name, params string[] lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        using FileStream file = File.Create(Path.Combine(Info.FullName, name));
        if (name.EndsWith(".gz", StringComparison.Ordinal))
        {
            using GZipStream gzip = new(file, CompressionLevel.Fastest);
            gzip.Write(bytes);
        }
        else
        {
            file.Write(bytes);
        }
        return this;
    }

    public void Dispose() => Info.Delete(recursive: true);
}
