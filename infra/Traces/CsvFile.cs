using System.IO.Compression;
using Pipeline.Infra.CommandLine;
using Sylvan.Data.Csv;

namespace Pipeline.Infra.Traces;

/// <summary>Opens the CSV files of trace folders: NAME.csv or NAME.csv.gz.</summary>
internal static class CsvFile
{
    /// <summary>Large enough for a row of 10,000 VMs.</summary>
    private const int BufferChars = 1 << 20;

    public static FileInfo? Find(DirectoryInfo folder, string name)
    {
        foreach (string ending in new[] { ".csv.gz", ".csv" })
        {
            FileInfo file = new(Path.Combine(folder.FullName, name + ending));
            if (file.Exists) return file;
        }
        return null;
    }

    /// <exception cref="UserException">The file is missing.</exception>
    public static FileInfo Require(DirectoryInfo folder, string name) =>
        Find(folder, name) ?? throw new UserException($"{folder.FullName} has no {name}.csv or {name}.csv.gz: is it a trace folder?");

    public static CsvDataReader Open(FileInfo file)
    {
        Stream stream = file.OpenRead();
        if (file.Extension == ".gz") stream = new GZipStream(stream, CompressionMode.Decompress);
        return CsvDataReader.Create(new StreamReader(stream), new CsvDataReaderOptions { BufferSize = BufferChars, OwnsReader = true });
    }

    /// <summary>The column's index.</summary>
    /// <exception cref="UserException">There is no such column.</exception>
    public static int Column(CsvDataReader reader, FileInfo file, string name)
    {
        for (int i = 0; i < reader.FieldCount; i++)
            if (reader.GetName(i) == name) return i;
        throw new UserException($"{file.FullName} has no column {name}");
    }

    public static UserException Wrong(FileInfo file, CsvDataReader reader, int column, string wanted) =>
        new($"{file.FullName} line {reader.RowNumber + 1}, column {reader.GetName(column)}: '{reader.GetString(column)}' where {wanted} is wanted");
}
