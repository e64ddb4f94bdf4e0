using System.Runtime.CompilerServices;
using System.Text;

namespace Pipeline.Infra.Influx;

/// <summary>
/// Reads annotated CSV (https://docs.influxdata.com/influxdb/v2/reference/syntax/annotated-csv/) record by record: RFC 4180 with
/// #datatype, #group and #default before each head line. Holds one record and one table's columns.
/// </summary>
internal sealed class FluxReader(TextReader source)
{
    /// <summary>A text field has at most 1 MiB; a record of a pivot has many. More than this is no answer of an InfluxDB.</summary>
    private const int RecordCharsMax = 64 * 1024 * 1024;

    private readonly char[] buffer = new char[16 * 1024];
    private readonly StringBuilder field = new();
    private string[] types = [], groups = [], defaults = [];
    private int at, length;

    /// <exception cref="FormatException">This is no annotated CSV.</exception>
    /// <exception cref="InfluxQueryException">The server has put an error into its answer; the rows before it are given first.</exception>
    public async IAsyncEnumerable<FluxRow> RowsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        FluxTable? table = null;
        bool head = true;
        while (await RecordAsync(cancel) is { } record)
        {
            // An empty line ends a table; what follows has a head of its own.
            if (record.Length == 1 && record[0].Length == 0) head = true;
            else if (record[0].StartsWith('#')) (table, head) = (Annotation(record), true);
            else if (head) (table, head) = (Head(record), false);
            else yield return Row(table!, record);
        }
    }

    private FluxTable? Annotation(string[] record)
    {
        if (record[0] == "#datatype")
        {
            (types, groups, defaults) = (record, [], []);
        }
        else if (record[0] == "#group") groups = record;
        else if (record[0] == "#default") defaults = record;
        return null;
    }

    private FluxTable Head(string[] record)
    {
        // Errors have no empty first column where nothing was annotated.
        int first = record[0].Length == 0 ? 1 : 0;
        if (first == 0 && record is not ["error", "reference"]) throw new FormatException($"a table begins with '{record[0][..Math.Min(record[0].Length, 100)]}'");
        FluxTable table = new([.. Enumerable.Range(first, record.Length - first).Select(i => new FluxColumn(record[i], At(types, i), At(groups, i) == "true", At(defaults, i)))]);
        (types, groups, defaults) = ([], [], []);
        return table;
    }

    private static string At(string[] annotation, int column) => column > 0 && column < annotation.Length ? annotation[column] : "";

    private static FluxRow Row(FluxTable table, string[] record)
    {
        string[] values = record.Length == table.Columns.Count + 1 ? record[1..] : record;
        if (values.Length != table.Columns.Count) throw new FormatException($"a row of {values.Length} values where {table.Columns.Count} are wanted");
        FluxRow row = new(table, values);
        return table.IsError ? throw new InfluxQueryException(row.Text("error") ?? "the query failed", 200) : row;
    }

    /// <summary>The next record; null at the end.</summary>
    private async ValueTask<string[]?> RecordAsync(CancellationToken cancel)
    {
        List<string> fields = [];
        bool quoted = false, any = false;
        int chars = 0;
        field.Clear();
        while (true)
        {
            int next = await NextAsync(cancel);
            if (next < 0)
            {
                if (quoted) throw new FormatException("the answer ends within quotes");
                return any ? End(fields) : null;
            }
            any = true;
            if (++chars > RecordCharsMax) throw new FormatException($"a record of more than {RecordCharsMax} characters");
            char c = (char)next;
            if (c == '"')
            {
                if (!quoted) quoted = true;
                else if (await PeekAsync(cancel) == '"') field.Append((char)await NextAsync(cancel));
                else quoted = false;
            }
            else if (quoted) field.Append(c);
            else if (c == ',') EndField(fields);
            else if (c == '\n') return End(fields);
            else if (c != '\r') field.Append(c);
        }
    }

    private string[] End(List<string> fields)
    {
        EndField(fields);
        return [.. fields];
    }

    private void EndField(List<string> fields)
    {
        fields.Add(field.ToString());
        field.Clear();
    }

    private async ValueTask<int> NextAsync(CancellationToken cancel) => await PeekAsync(cancel) is int c and >= 0 && at++ >= 0 ? c : -1;

    private async ValueTask<int> PeekAsync(CancellationToken cancel)
    {
        if (at < length) return buffer[at];
        (length, at) = (await source.ReadAsync(buffer, cancel), 0);
        return length == 0 ? -1 : buffer[0];
    }
}
