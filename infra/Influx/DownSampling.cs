using System.Globalization;

namespace Pipeline.Infra.Influx;

/// <summary>
/// One measurement in coarser steps, kept for longer: as a continuous query of 1.x, as a task of 2.x. Both look back three windows
/// each time, so what comes late is still counted; a window's point has the time at which the window begins.
/// </summary>
/// <param name="Measurement">What is aggregated; the result is called the same with <paramref name="Suffix"/>.</param>
/// <param name="Suffix">Also the name of the retention policy (1.x), and of the bucket behind the first one's name (2.x).</param>
/// <param name="Tags">That stay; all others are aggregated over.</param>
/// <param name="Every">Width of a window, whole hours.</param>
/// <param name="Keep">For how long the result is kept; zero: for ever.</param>
/// <param name="Subject">What the result is called instead of <paramref name="Measurement"/>, where one is aggregated in two ways.</param>
public sealed record DownSampling(string Measurement, string Suffix, IReadOnlyList<string> Tags, IReadOnlyList<DownSampledField> Fields, TimeSpan Every, TimeSpan Keep, string? Subject = null)
{
    private const int WindowsBack = 3;

    /// <summary>Measurement of the result, and name of the continuous query or task.</summary>
    public string Name => $"{Subject ?? Measurement}_{Suffix}";

    private string Window => string.Create(CultureInfo.InvariantCulture, $"{(int)Every.TotalHours}h");

    /// <summary>SELECT .. INTO of a range of time; null: as a continuous query has it.</summary>
    public string InfluxQl(string database, (DateTimeOffset From, DateTimeOffset To)? range = null)
    {
        string fields = string.Join(", ", Fields.Select(f => $"{f.Function.ToString().ToUpperInvariant()}({Quoted(f.Field)}) AS {Quoted(f.Name)}"));
        string where = range is { } r ? $" WHERE time >= {Nanoseconds(r.From)} AND time < {Nanoseconds(r.To)}" : "";
        return $"SELECT {fields} INTO {Quoted(database)}.{Quoted(Suffix)}.{Quoted(Name)} FROM {Quoted(Measurement)}{where} GROUP BY time({Window}){string.Concat(Tags.Select(t => ", " + Quoted(t)))}";
    }

    public string ContinuousQuery(string database) =>
        $"CREATE CONTINUOUS QUERY {Quoted(Name)} ON {Quoted(database)} RESAMPLE EVERY {Window} FOR {(int)Every.TotalHours * WindowsBack}h BEGIN {InfluxQl(database)} END";

    /// <summary>A script for a range of time.</summary>
    public string Flux(string bucket, DateTimeOffset from, DateTimeOffset to) => Script(bucket, $"time(v: {Nanoseconds(from)})", $"time(v: {Nanoseconds(to)})", "");

    public string FluxTask(string bucket) => Script(
        bucket,
        $"date.truncate(t: -{(int)Every.TotalHours * WindowsBack}h, unit: {Window})",
        $"date.truncate(t: now(), unit: {Window})",
        $"option task = {{name: {Text(Name)}, every: {Window}, offset: 5m}}\n");

    private string Script(string bucket, string from, string to, string option)
    {
        string tags = string.Join(", ", Tags.Append("_time").Append("_value").Append("_measurement").Append("_field").Append("_start").Append("_stop").Select(Text));
        string group = string.Join(", ", Tags.Select(Text));
        IEnumerable<string> outputs = Fields.Select(f => $"""
            data
                |> filter(fn: (r) => r._field == {Text(f.Field)})
                |> keep(columns: [{tags}])
                |> group(columns: [{group}])
                |> window(every: {Window})
                |> {f.Function.ToString().ToLowerInvariant()}()
                |> duplicate(column: "_start", as: "_time")
                |> window(every: inf)
                |> set(key: "_measurement", value: {Text(Name)})
                |> set(key: "_field", value: {Text(f.Name)})
                |> to(bucket: {Text(bucket + "-" + Suffix)}, tagColumns: [{group}])
                |> yield(name: {Text(f.Name)})

            """);
        return $"import \"date\"\n{option}data = from(bucket: {Text(bucket)})\n    |> range(start: {from}, stop: {to})\n    |> filter(fn: (r) => r._measurement == {Text(Measurement)})\n{string.Concat(outputs)}";
    }

    internal static string Quoted(string name) => $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Text(string value) => Quoted(value);

    private static string Nanoseconds(DateTimeOffset time) => (time.ToUnixTimeMilliseconds() * 1_000_000).ToString(CultureInfo.InvariantCulture);
}
