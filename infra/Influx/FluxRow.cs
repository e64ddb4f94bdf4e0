using System.Globalization;

namespace Pipeline.Infra.Influx;

/// <summary>One row of a Flux answer. CSV has no difference between an empty text and no value: both are null.</summary>
public sealed class FluxRow(FluxTable table, string[] values)
{
    public FluxTable Table => table;

    /// <summary>Name of the yield that the row belongs to.</summary>
    public string Result => Text("result") ?? "";

    /// <summary>Number of the row's table within the answer.</summary>
    public long Number => Integer("table") ?? 0;

    /// <summary>_time, Unix nanoseconds.</summary>
    public long TimeUnixNs => Time("_time") ?? 0;

    public string? Text(string column)
    {
        int index = table.IndexOf(column);
        string value = values[index].Length > 0 ? values[index] : table.Columns[index].Default;
        return value.Length > 0 ? value : null;
    }

    public double? Float(string column) => Text(column) switch
    {
        null => null,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        { } text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    public long? Integer(string column) => Text(column) is { } text ? long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;

    public ulong? Unsigned(string column) => Text(column) is { } text ? ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    public bool? Boolean(string column) => Text(column) is { } text ? bool.Parse(text) : null;

    /// <summary>Unix nanoseconds of a time column, to the last of its up to nine digits.</summary>
    public long? Time(string column)
    {
        if (Text(column) is not { } text) return null;
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        int end = dot < 0 ? dot : text.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') is int digits and >= 0 ? dot + 1 + digits : text.Length;
        string whole = dot < 0 ? text : string.Concat(text.AsSpan(0, dot), text.AsSpan(end));
        long seconds = DateTimeOffset.Parse(whole, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds();
        long fraction = dot < 0 ? 0 : long.Parse(text.AsSpan(dot + 1, Math.Min(9, end - dot - 1)).ToString().PadRight(9, '0'), CultureInfo.InvariantCulture);
        return (seconds * 1_000_000_000) + fraction;
    }
}
