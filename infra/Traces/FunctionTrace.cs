using Pipeline.Infra.CommandLine;

namespace Pipeline.Infra.Traces;

/// <summary>
/// Functions and how often they were called. Read from <c>functions.csv</c> (function, owner, mem_p99_mb, dur_min_ms, dur_p1_ms,
/// dur_p25_ms, dur_p50_ms, dur_p75_ms, dur_p99_ms, dur_max_ms) and <c>invocations.csv</c> (minute, function, count), plain or .gz.
/// </summary>
public sealed record FunctionTrace
{
    /// <summary>A month: longer traces are not of this kind.</summary>
    private const int MinutesMax = 31 * 24 * 60;

    /// <summary>1 day: no function runs longer.</summary>
    private const double DurationMsMax = 24 * 3600 * 1000;

    /// <summary>1 TB.</summary>
    private const double MegabytesMax = 1024 * 1024;

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
        if (!folder.Exists) throw new UserException($"trace folder {folder.FullName} does not exist");
        List<TracedFunction> functions = ReadFunctions(folder);
        List<(int Minute, int Function, int Count)> calls = ReadCalls(folder, functions);
        return new FunctionTrace { Functions = functions, Calls = calls, Minutes = calls[^1].Minute + 1 };
    }

    private static List<TracedFunction> ReadFunctions(DirectoryInfo folder)
    {
        using CsvSource file = CsvSource.Open(folder, "functions");
        int name = file.Column("function"), owner = file.Column("owner"), memory = file.Column("mem_p99_mb");
        int[] durations = [.. DurationColumns.Select(file.Column)];
        List<TracedFunction> functions = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        while (file.Read())
        {
            double[] ms = [.. durations.Select(d => file.Number(d, 0, DurationMsMax))];
            // The trace's percentiles come from 30 s averages, its extremes from single calls: they may cross.
            for (int i = 1; i < ms.Length; i++) ms[i] = Math.Max(ms[i], ms[i - 1]);
            functions.Add(new TracedFunction(file.Text(name), file.Text(owner), (ulong)Math.Max(1, file.Number(memory, 0, MegabytesMax) * (1 << 20)), ms));
            if (!seen.Add(functions[^1].Name)) throw file.Error(name, $"'{functions[^1].Name}' was there before; a function has one line");
        }
        return functions.Count > 0 ? functions : throw new UserException($"{file.File.FullName} has no function");
    }

    private static List<(int Minute, int Function, int Count)> ReadCalls(DirectoryInfo folder, List<TracedFunction> functions)
    {
        Dictionary<string, int> index = functions.Select((f, i) => (f.Name, i)).ToDictionary(f => f.Name, f => f.i, StringComparer.Ordinal);
        var byName = index.GetAlternateLookup<ReadOnlySpan<char>>();
        using CsvSource file = CsvSource.Open(folder, "invocations");
        int minute = file.Column("minute"), function = file.Column("function"), count = file.Column("count");
        List<(int Minute, int Function, int Count)> calls = [];
        while (file.Read())
        {
            if (!byName.TryGetValue(file.Field(function), out int f)) throw file.Error(function, $"'{file.Field(function)}' is not in functions.csv");
            calls.Add(((int)file.Integer(minute, 0, MinutesMax), f, (int)file.Integer(count, 1, int.MaxValue)));
        }
        if (calls.Count == 0) throw new UserException($"{file.File.FullName} has no call");
        calls.Sort();
        return calls;
    }
}
