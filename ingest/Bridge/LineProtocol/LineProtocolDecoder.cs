using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.LineProtocol;

/// <summary>
/// InfluxDB line protocol (InfluxData, "Line protocol reference", versions 1.x and 2.x): <c>measurement,tag=value field=value,... time</c>.
/// A backslash escapes comma and blank in measurements, also the equals sign in tags and field keys, and quote and backslash in strings;
/// before anything else it stands for itself.
/// </summary>
public sealed class LineProtocolDecoder : IPointDecoder
{
    private const string HostTag = "host";

    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
    {
        int line = 0, before = points.Count;
        while (!value.IsEmpty)
        {
            line++;
            int end = EndOfLine(value);
            ReadOnlySpan<byte> text = value[..end].TrimEnd((byte)'\r');
            value = end == value.Length ? default : value[(end + 1)..];
            text = text.TrimStart(" \t\0"u8);
            if (text.TrimEnd((byte)' ').IsEmpty || text[0] == (byte)'#') continue;
            try
            {
                Line(text, timestampUnixMs, points);
            }
            catch (BadRecordException e)
            {
                throw new BadRecordException($"line {line}: {e.Message}");
            }
        }
        if (points.Count == before) throw new BadRecordException("no line with a value in the record");
    }

    /// <summary>A newline within a string is a part of it.</summary>
    private static int EndOfLine(ReadOnlySpan<byte> text)
    {
        bool quoted = false, values = false;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'\\': i++; break;
                case (byte)' ' when !quoted: values = true; break;
                case (byte)'"' when values: quoted = !quoted; break;
                case (byte)'\n' when !quoted: return i;
            }
        }
        return text.Length;
    }

    private static void Line(ReadOnlySpan<byte> text, long timestampUnixMs, List<MetricPoint> points)
    {
        int at = Until(text, 0, ", "u8, out string measurement);
        if (measurement.Length == 0) throw new BadRecordException("the measurement is missing");
        List<KeyValuePair<string, object?>> tags = [];
        string? host = null;
        while (at < text.Length && text[at] == (byte)',')
        {
            at = Until(text, at + 1, "=, "u8, out string key);
            if (at >= text.Length || text[at] != (byte)'=' || key.Length == 0) throw new BadRecordException($"tag '{key}' of {measurement} has no value");
            at = Until(text, at + 1, ", "u8, out string tag);
            if (key == HostTag) host = tag;
            else tags.Add(new(key, tag));
        }
        at = Blanks(text, at, measurement);
        int first = points.Count;
        while (true)
        {
            at = Until(text, at, "=, "u8, out string field);
            if (at >= text.Length || text[at] != (byte)'=' || field.Length == 0) throw new BadRecordException($"field '{field}' of {measurement} has no value");
            at = Value(text, at + 1, field, out object value, out string type);
            points.Add(new MetricPoint { Host = host, Metric = measurement, Field = field, Attributes = tags, Type = type, Value = value });
            if (at >= text.Length || text[at] != (byte)',') break;
            at++;
        }
        ulong time = Time(text[at..].Trim((byte)' '), timestampUnixMs);
        for (int i = first; i < points.Count; i++) points[i] = points[i] with { TimeUnixNano = time };
    }

    private static int Blanks(ReadOnlySpan<byte> text, int at, string measurement)
    {
        int start = at;
        while (at < text.Length && text[at] == (byte)' ') at++;
        return at > start && at < text.Length ? at : throw new BadRecordException($"{measurement} has no fields");
    }

    private static ulong Time(ReadOnlySpan<byte> text, long timestampUnixMs)
    {
        if (text.IsEmpty) return (ulong)Math.Max(0, timestampUnixMs) * 1_000_000;
        if (!Utf8Parser.TryParse(text, out long time, out int read) || read != text.Length)
            throw new BadRecordException($"'{Shown(text)}' is not a time");
        return EventTime.Nanoseconds(time);
    }

    private static int Value(ReadOnlySpan<byte> text, int at, string field, out object value, out string type)
    {
        if (at < text.Length && text[at] == (byte)'"') return Quoted(text, at + 1, field, out value, out type);
        int length = text[at..].IndexOfAny((byte)',', (byte)' ');
        ReadOnlySpan<byte> word = length < 0 ? text[at..] : text.Slice(at, length);
        (value, type) = Unquoted(word) ?? throw new BadRecordException($"field '{field}': '{Shown(word)}' is not a value; strings stand in quotes");
        return at + word.Length;
    }

    private static (object Value, string Type)? Unquoted(ReadOnlySpan<byte> word)
    {
        if (word.IsEmpty) return null;
        switch (Encoding.UTF8.GetString(word))
        {
            case "t" or "T" or "true" or "True" or "TRUE": return (true, "boolean");
            case "f" or "F" or "false" or "False" or "FALSE": return (false, "boolean");
        }
        if (word[^1] == (byte)'i') return Utf8Parser.TryParse(word[..^1], out long i, out int read) && read == word.Length - 1 ? (i, "integer") : null;
        if (word[^1] == (byte)'u') return Utf8Parser.TryParse(word[..^1], out ulong u, out int read) && read == word.Length - 1 ? (u, "unsigned") : null;
        // The parser knows NaN and Infinity, line protocol does not.
        if (!char.IsAsciiDigit((char)word[^1]) && word[^1] != (byte)'.') return null;
        return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) && double.IsFinite(d) ? (d, "float") : null;
    }

    private static int Quoted(ReadOnlySpan<byte> text, int at, string field, out object value, out string type)
    {
        List<byte> bytes = [];
        for (; at < text.Length && text[at] != (byte)'"'; at++)
        {
            if (text[at] == (byte)'\\' && at + 1 < text.Length && text[at + 1] is (byte)'"' or (byte)'\\') at++;
            bytes.Add(text[at]);
        }
        if (at >= text.Length) throw new BadRecordException($"field '{field}': the string does not end");
        (value, type) = (Text(bytes.ToArray()), "string");
        at++;
        return at == text.Length || text[at] is (byte)',' or (byte)' ' ? at : throw new BadRecordException($"field '{field}': something follows the string");
    }

    /// <summary>Reads up to one of these bytes that is not escaped.</summary>
    private static int Until(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> ends, out string value)
    {
        int start = at;
        bool escaped = false;
        for (; at < text.Length && !ends.Contains(text[at]); at++)
        {
            if (text[at] != (byte)'\\' || at + 1 == text.Length || !", ="u8.Contains(text[at + 1])) continue;
            escaped = true;
            at++;
        }
        ReadOnlySpan<byte> raw = text[start..at];
        value = escaped ? Unescaped(raw) : Text(raw);
        return at;
    }

    private static string Unescaped(ReadOnlySpan<byte> raw)
    {
        List<byte> bytes = new(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] == (byte)'\\' && i + 1 < raw.Length && ", ="u8.Contains(raw[i + 1])) i++;
            bytes.Add(raw[i]);
        }
        return Text(bytes.ToArray());
    }

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadRecordException("not UTF-8", e);
        }
    }

    private static string Shown(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.Length > 40 ? bytes[..40] : bytes);
}
