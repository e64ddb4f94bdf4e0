using System.Globalization;
using System.Text;
using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.Collectd;

/// <summary>
/// Graphite's plaintext protocol (Graphite documentation, "The plaintext protocol"; tags as of 1.1): <c>path value time</c>, a line each. The
/// host is the first part of the path after the prefix (collectd: <c>GraphitePrefix</c>, <c>EscapeCharacter</c> for points in it).
/// </summary>
/// <param name="prefix">What paths begin with, for example <c>collectd.</c>; a path without it begins with the host.</param>
public sealed class GraphiteDecoder(string prefix = GraphiteDecoder.DefaultPrefix) : IPointDecoder
{
    public const string DefaultPrefix = "collectd.";

    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, true).GetString(value);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadRecordException("not UTF-8", e);
        }
        int number = 0, before = points.Count;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace()) continue;
            points.Add(Line(line.Trim(), timestampUnixMs) ?? throw new BadRecordException($"line {number} is not 'path value time': '{(line.Length > 60 ? line[..60] : line)}'"));
        }
        if (points.Count == before) throw new BadRecordException("no line in the record");
    }

    private MetricPoint? Line(ReadOnlySpan<char> line, long timestampUnixMs)
    {
        string[] words = line.ToString().Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 2 or > 3 || Value(words[1]) is not { } value) return null;
        // -1 and N ask the receiver for its own time.
        ulong time = words.Length == 2 || words[2] is "-1" or "N" ? (ulong)Math.Max(0, timestampUnixMs) * 1_000_000
            : double.TryParse(words[2], NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? EventTime.OfSeconds(seconds)
            : throw new BadRecordException($"'{words[2]}' is not a time");
        string[] parts = words[0].Split(';');
        if (parts[0].Length == 0) return null;
        List<KeyValuePair<string, object?>> tags = [];
        foreach (string part in parts.AsSpan(1))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) return null;
            tags.Add(new(part[..equals], part[(equals + 1)..]));
        }
        return new MetricPoint(new PointSeries { Host = HostOf(parts[0], tags), Metric = parts[0], Attributes = tags }, value, time);
    }

    private string? HostOf(string path, List<KeyValuePair<string, object?>> tags)
    {
        int tag = tags.FindIndex(t => t.Key == "host");
        if (tag >= 0)
        {
            string host = AttributeText.Of(tags[tag].Value);
            tags.RemoveAt(tag);
            return host;
        }
        ReadOnlySpan<char> rest = path.StartsWith(prefix, StringComparison.Ordinal) ? path.AsSpan(prefix.Length) : path;
        int end = rest.IndexOf('.');
        return end > 0 ? rest[..end].ToString() : null;
    }

    private static PointValue? Value(string word) =>
        long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? PointValue.Of(whole)
        : double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? PointValue.Of(number)
        : null;
}
