using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Ingest.Agent.Spool;

/// <summary>One file of a spool. Its name is the number of the first report that it may hold.</summary>
internal sealed class SpoolSegment : IDisposable
{
    public const string Extension = ".spool";

    private readonly SafeFileHandle file;

    private SpoolSegment(string path, ulong first, FileMode mode)
    {
        (Path, First) = (path, first);
        file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read);
        Length = RandomAccess.GetLength(file);
    }

    public string Path { get; }

    /// <summary>The sequence number that came next when the file was made.</summary>
    public ulong First { get; }

    public long Length { get; private set; }

    /// <summary>Reports in it that are neither settled nor dropped.</summary>
    public int Waiting { get; set; }

    public static SpoolSegment Create(string folder, ulong first) =>
        new(System.IO.Path.Combine(folder, first.ToString("D20", CultureInfo.InvariantCulture) + Extension), first, FileMode.Create);

    /// <summary>All files of a folder, oldest first.</summary>
    public static List<SpoolSegment> OpenAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*" + Extension)
            .Select(p => (Path: p, IsOne: ulong.TryParse(System.IO.Path.GetFileNameWithoutExtension(p), NumberStyles.None, CultureInfo.InvariantCulture, out ulong first), First: first))
            .Where(f => f.IsOne)
            .OrderBy(f => f.First)
            .Select(f => new SpoolSegment(f.Path, f.First, FileMode.Open))];

    public byte[] ReadAll() => Read(0, checked((int)Length));

    public byte[] Read(long offset, int length)
    {
        byte[] bytes = new byte[length];
        int read = 0;
        while (read < length && RandomAccess.Read(file, bytes.AsSpan(read), offset + read) is > 0 and int more) read += more;
        return read == length ? bytes : bytes[..read];
    }

    /// <summary>Appends in one write, so that a process that is killed has written all of it or nothing.</summary>
    /// <returns>Where it begins.</returns>
    public long Append(ReadOnlySpan<byte> record, bool sync)
    {
        long at = Length;
        try
        {
            RandomAccess.Write(file, record, at);
        }
        catch (IOException)
        {
            // A full disk takes a part; what follows must not stand behind it.
            RandomAccess.SetLength(file, at);
            throw;
        }
        Length = at + record.Length;
        if (sync) RandomAccess.FlushToDisk(file);
        return at;
    }

    public void Cut(long length)
    {
        RandomAccess.SetLength(file, length);
        Length = length;
    }

    public void Delete()
    {
        Dispose();
        File.Delete(Path);
    }

    public void Dispose() => file.Dispose();
}
