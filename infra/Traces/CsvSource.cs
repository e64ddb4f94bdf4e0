using System.Globalization;
using System.IO.Compression;
using Pipeline.Infra.CommandLine;
using Sylvan.Data.Csv;

namespace Pipeline.Infra.Traces;

/// <summary>One CSV file of a trace folder, plain or gzip (RFC 4180, '.' decimals), read row by row with errors that name file, line and column.</summary>
internal sealed class CsvSource : IDisposable
{
    /// <summary>Longest row: 50,000 VMs (a full cell) of 20 characters, doubled.</summary>
    private const int RowCharsMax = 2 * 1024 * 1024;

    private readonly CsvDataReader reader;
    private readonly string[] header;

    private CsvSource(FileInfo file)
    {
        File = file;
        Stream stream = file.OpenRead();
        if (file.Extension == ".gz") stream = new GZipStream(stream, CompressionMode.Decompress);
        reader = Guarded(() => CsvDataReader.Create(new StreamReader(stream), new CsvDataReaderOptions
        {
            // Two columns of one name are found by whoever reads the header, not silently made one.
            HasHeaders = false,
            BufferSize = 128 * 1024,
            MaxBufferSize = RowCharsMax,
            Delimiter = ',',
        }));
        header = Read() ? [.. Enumerable.Range(0, Fields).Select(i => Field(i).ToString())] : throw new UserException($"{File.FullName} is empty; a header line and rows are wanted");
    }

    public FileInfo File { get; }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Header => header;

    /// <summary>1-based line of the row that was read last.</summary>
    public int Line { get; private set; }

    private int Fields => reader.RowFieldCount;

    /// <summary>Opens <c>name.csv.gz</c> or <c>name.csv</c> in a folder; null where there is neither.</summary>
    public static CsvSource? TryOpen(DirectoryInfo folder, string name)
    {
        foreach (string extension in (string[])[".csv.gz", ".csv"])
        {
            FileInfo file = new(Path.Combine(folder.FullName, name + extension));
            if (file.Exists) return new CsvSource(file);
        }
        return null;
    }

    /// <summary>Opens <c>name.csv.gz</c> or <c>name.csv</c> in a folder.</summary>
    /// <exception cref="UserException">There is neither.</exception>
    public static CsvSource Open(DirectoryInfo folder, string name) =>
        TryOpen(folder, name) ?? throw new UserException($"{folder.FullName} has neither {name}.csv nor {name}.csv.gz: it is not a folder of this kind of trace (ingest/traces/README.md describes them)");

    /// <summary>Position of a column.</summary>
    /// <exception cref="UserException">There is none of that name.</exception>
    public int Column(string name)
    {
        int at = Array.IndexOf(header, name);
        return at >= 0 ? at : throw new UserException($"{File.FullName}: no column '{name}'; the header has {string.Join(", ", header.Take(20))}");
    }

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="UserException">The row has more or fewer fields than the header, or the file is damaged.</exception>
    public bool Read()
    {
        if (!Guarded(reader.Read)) return false;
        Line++;
        if (header is not null && Fields != header.Length) throw Error($"{Fields} fields; the header has {header.Length}");
        return true;
    }

    public ReadOnlySpan<char> Field(int column) => reader.GetFieldSpan(column);

    /// <summary>A finite number; an empty field is NaN.</summary>
    public double Number(int column)
    {
        ReadOnlySpan<char> text = Field(column);
        if (text.IsEmpty) return double.NaN;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw Error(column, $"'{text}' is not a number; write 12.5, or nothing where the value is missing");
    }

    /// <summary>A number that has to be there and within bounds.</summary>
    public double Number(int column, double min, double max)
    {
        double value = Number(column);
        return value >= min && value <= max
            ? value
            : throw Error(column, double.IsNaN(value) ? "no value; it has to be given" : string.Create(CultureInfo.InvariantCulture, $"{value} is outside {min} to {max}"));
    }

    /// <summary>A whole number that has to be there and within bounds.</summary>
    public long Integer(int column, long min, long max)
    {
        ReadOnlySpan<char> text = Field(column);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max
            ? value
            : throw Error(column, $"'{text}' is not a whole number from {min} to {max}");
    }

    /// <summary>A text that has to be there.</summary>
    public string Text(int column)
    {
        ReadOnlySpan<char> text = Field(column);
        return text.IsEmpty ? throw Error(column, "empty; a name is wanted") : text.ToString();
    }

    public UserException Error(string message) => new($"{File.FullName}, line {Line}: {message}");

    public UserException Error(int column, string message) => new($"{File.FullName}, line {Line}, column '{header[column]}': {message}");

    public void Dispose() => reader.Dispose();

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or CsvFormatException or IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{File.FullName}, after line {Line}: cannot be read: {e.Message}", e);
        }
    }
}
