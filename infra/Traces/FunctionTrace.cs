using System.Globalization;
using Pipeline.Infra.CommandLine;
using Sylvan.Data.Csv;

namespace Pipeline.Infra.Traces;

/// <summary>
/// Functions and how often they were called. Read from <c>functions.csv</c> (function, owner, mem_p50_mb, dur_min_ms, dur_p1_ms,
/// dur_p25_ms, dur_p50_ms, dur_p75_ms, dur_p99_ms, dur_max_ms) and <c>invocations.csv</c> (minute, function, count), plain or .gz.
/// </summary>
public sealed class FunctionTrace
{
    private static readonly string[] DurationColumns = ["dur_min_ms", "dur_p1_ms", "dur_p25_ms", "dur_p50_ms", "dur_p75_ms", "dur_p99_ms", "dur_max_ms"];

    /// <summary>Levels of <see cref="TracedFunction.DurationMs"/>.</summary>
    public static double[] Levels { get; } = [0, .01, .25, .5, .75, .99, 1];

    public required IReadOnlyList<TracedFunction> Functions { get; init; }

    /// <summary>Calls by minute, then by function; minutes and functions without a call are left out.</summary>
    public required IReadOnlyList<(int Minute, int Function, int Count)> Calls { get; init; }

    /// <summary>Minutes that the trace spans.</summary>
    public required int Minutes { get; init; }

    /// <exception cref="UserException">A file is missing or wrong: the message says which, where and what is wanted.</exception>
    public static FunctionTrace Load(DirectoryInfo folder)
    {
        TracedFunction[] functions = ReadFunctions(CsvFile.Require(folder, "functions"));
        List<(int, int, int)> calls = ReadCalls(CsvFile.Require(folder, "invocations"), functions, out int minutes);
        return new FunctionTrace { Functions = functions, Calls = calls, Minutes = minutes };
    }

    private static TracedFunction[] ReadFunctions(FileInfo file)
    {
        using CsvDataReader reader = CsvFile.Open(file);
        int name = CsvFile.Column(reader, file, "function"), owner = CsvFile.Column(reader, file, "owner"), memory = CsvFile.Column(reader, file, "mem_p50_mb");
        int[] durations = [.. DurationColumns.Select(c => CsvFile.Column(reader, file, c))];
        List<TracedFunction> functions = [];
        while (reader.Read())
        {
            double[] ms = [.. durations.Select(d => Number(reader, file, d))];
            Array.Sort(ms);
            functions.Add(new TracedFunction(reader.GetString(name), reader.GetString(owner), (ulong)Math.Max(1, Number(reader, file, memory) * (1 << 20)), ms));
        }
        return [.. functions];
    }

    private static List<(int Minute, int Function, int Count)> ReadCalls(FileInfo file, TracedFunction[] functions, out int minutes)
    {
        Dictionary<string, int> index = functions.Select((f, i) => (f.Name, i)).ToDictionary(f => f.Name, f => f.i, StringComparer.Ordinal);
        using CsvDataReader reader = CsvFile.Open(file);
        int minute = CsvFile.Column(reader, file, "minute"), function = CsvFile.Column(reader, file, "function"), count = CsvFile.Column(reader, file, "count");
        List<(int Minute, int Function, int Count)> calls = [];
        while (reader.Read())
        {
            if (!index.TryGetValue(reader.GetString(function), out int f)) throw CsvFile.Wrong(file, reader, function, "a function of functions.csv");
            calls.Add(((int)Number(reader, file, minute), f, (int)Number(reader, file, count)));
        }
        if (calls.Count == 0) throw new UserException($"{file.FullName} has no calls");
        calls.Sort();
        minutes = calls[^1].Minute + 1;
        return calls;
    }

    private static double Number(CsvDataReader reader, FileInfo file, int column) =>
        double.TryParse(reader.GetFieldSpan(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && double.IsFinite(value)
            ? value
            : throw CsvFile.Wrong(file, reader, column, "a number of 0 or more");
}
