using System.Globalization;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Infra.Traces;

/// <summary>Writes a CSV file row by row (RFC 4180 with '\n', '.' decimals): numbers, text, and null for an empty field.</summary>
public sealed class CsvTable : IDisposable
{
    private readonly FileInfo file;
    private readonly StreamWriter writer;

    /// <summary>Begins a file; the folder is made where it is missing.</summary>
    /// <exception cref="UserException">It cannot be written.</exception>
    public CsvTable(FileInfo file, params ReadOnlySpan<string> header)
    {
        this.file = file;
        writer = Guarded(() =>
        {
            file.Directory?.Create();
            return new StreamWriter(file.FullName, append: false, new System.Text.UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
        });
        Write(header);
    }

    /// <summary>Adds a row.</summary>
    /// <exception cref="UserException">It cannot be written.</exception>
    public void Add(params ReadOnlySpan<object?> row)
    {
        string[] fields = new string[row.Length];
        for (int i = 0; i < row.Length; i++) fields[i] = Convert.ToString(row[i], CultureInfo.InvariantCulture) ?? "";
        Write(fields);
    }

    public void Dispose() => Guarded(() =>
    {
        writer.Dispose();
        return true;
    });

    private void Write(ReadOnlySpan<string> fields)
    {
        string line = string.Join(',', fields.ToArray().Select(Quoted));
        Guarded(() =>
        {
            writer.WriteLine(line);
            return true;
        });
    }

    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private T Guarded<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{file.FullName} cannot be written: {e.Message}", e);
        }
    }
}
