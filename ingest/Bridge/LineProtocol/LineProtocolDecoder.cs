using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.LineProtocol;

/// <summary>
/// InfluxDB line protocol (InfluxData, "Line protocol reference", versions 1.x and 2.x): <c>measurement,tag=value field=value,... time</c>.
/// A backslash escapes comma and blank in measurements, also the equals sign in tags and field keys, and quote and backslash in strings;
/// before anything else it stands for itself.
/// </summary>
/// <remarks>Measurement and tags are looked up as they stand in the line, and so are fields: nothing is made of names that came before.</remarks>
public sealed class LineProtocolDecoder : IPointDecoder
{
    /// <summary>One takes about a kilobyte.</summary>
    private const int SeriesMax = 1 << 16;

    private static readonly SearchValues<byte> Trouble = SearchValues.Create("\"\\"u8);

    private readonly NameCache<LineSeries> known = new(SeriesMax);

    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
    {
        int before = points.Count;
        for (int line = 1; !value.IsEmpty; line++)
        {
            if (!TryCut(ref value, out ReadOnlySpan<byte> text)) continue;
            try
            {
                DecodeLine(text, timestampUnixMs, points);
            }
            catch (BadRecordException e)
            {
                throw new BadRecordException($"line {line}: {e.Message}");
            }
        }
        if (points.Count == before) throw new BadRecordException("no line with a value in the record");
    }

    /// <summary>Takes the next line off; false: there is nothing in it, or a remark.</summary>
    internal static bool TryCut(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        int end = EndOfLine(rest);
        line = rest[..end].TrimEnd((byte)'\r').TrimStart(" \t\0"u8);
        rest = end == rest.Length ? default : rest[(end + 1)..];
        return !line.TrimEnd((byte)' ').IsEmpty && line[0] != (byte)'#';
    }

    /// <summary>A newline within a string is a part of it.</summary>
    private static int EndOfLine(ReadOnlySpan<byte> text)
    {
        int newline = text.IndexOf((byte)'\n');
        int end = newline < 0 ? text.Length : newline;
        if (!text[..end].ContainsAny(Trouble)) return end;
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

    /// <summary>Adds the points of one line; of one that is wrong some may have been added.</summary>
    internal void DecodeLine(ReadOnlySpan<byte> text, long timestampUnixMs, List<MetricPoint> points)
    {
        int at = LineText.EndOf(text, 0, LineText.SeriesEnds);
        if (!known.TryGet(text[..at], out LineSeries? series)) series = known.Add(text[..at], new LineSeries(text[..at]));
        at = Blanks(text, at, series.Measurement);
        int first = points.Count;
        while (true)
        {
            int start = at;
            at = LineText.EndOf(text, at, LineText.KeyEnds);
            if (at >= text.Length || text[at] != (byte)'=' || at == start) throw new BadRecordException($"field '{LineText.Unescaped(text[start..at])}' of {series.Measurement} has no value");
            LineField field = series.Field(text[start..at], points.Count - first);
            at = Value(text, at + 1, field.Name, out PointValue value, out FieldType type);
            points.Add(new MetricPoint(field.Series(type), value, 0));
            if (at >= text.Length || text[at] != (byte)',') break;
            at++;
        }
        ulong time = Time(text[at..].Trim((byte)' '), timestampUnixMs);
        foreach (ref MetricPoint point in CollectionsMarshal.AsSpan(points)[first..]) point = point with { TimeUnixNano = time };
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

    private static int Value(ReadOnlySpan<byte> text, int at, string field, out PointValue value, out FieldType type)
    {
        if (at < text.Length && text[at] == (byte)'"')
        {
            type = FieldType.String;
            return Quoted(text, at + 1, field, out value);
        }
        int length = text[at..].IndexOfAny((byte)',', (byte)' ');
        ReadOnlySpan<byte> word = length < 0 ? text[at..] : text.Slice(at, length);
        if (!TryUnquoted(word, out value, out type)) throw new BadRecordException($"field '{field}': '{Shown(word)}' is not a value; strings stand in quotes");
        return at + word.Length;
    }

    private static bool TryUnquoted(ReadOnlySpan<byte> word, out PointValue value, out FieldType type)
    {
        (value, type) = (default, FieldType.Float);
        if (word.IsEmpty) return false;
        byte last = word[^1];
        if (last == (byte)'i')
        {
            bool whole = Utf8Parser.TryParse(word[..^1], out long i, out int read) && read == word.Length - 1;
            (value, type) = (PointValue.Of(i), FieldType.Integer);
            return whole;
        }
        if (last == (byte)'u')
        {
            bool whole = Utf8Parser.TryParse(word[..^1], out ulong u, out int read) && read == word.Length - 1;
            (value, type) = (PointValue.Of(u), FieldType.Unsigned);
            return whole;
        }
        // The parser knows NaN and Infinity, line protocol does not.
        if (last is (>= (byte)'0' and <= (byte)'9') or (byte)'.')
        {
            bool real = double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) && double.IsFinite(d);
            value = PointValue.Of(d);
            return real;
        }
        bool yes = IsOneOf(word, "t"u8, "T"u8, "true"u8, "True"u8, "TRUE"u8);
        (value, type) = (PointValue.Of(yes), FieldType.Boolean);
        return yes || IsOneOf(word, "f"u8, "F"u8, "false"u8, "False"u8, "FALSE"u8);
    }

    private static bool IsOneOf(ReadOnlySpan<byte> word, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d, ReadOnlySpan<byte> e) =>
        word.SequenceEqual(a) || word.SequenceEqual(b) || word.SequenceEqual(c) || word.SequenceEqual(d) || word.SequenceEqual(e);

    private static int Quoted(ReadOnlySpan<byte> text, int at, string field, out PointValue value)
    {
        List<byte> bytes = [];
        for (; at < text.Length && text[at] != (byte)'"'; at++)
        {
            if (text[at] == (byte)'\\' && at + 1 < text.Length && text[at + 1] is (byte)'"' or (byte)'\\') at++;
            bytes.Add(text[at]);
        }
        if (at >= text.Length) throw new BadRecordException($"field '{field}': the string does not end");
        value = PointValue.Of((object)LineText.Text(bytes.ToArray()));
        at++;
        return at == text.Length || text[at] is (byte)',' or (byte)' ' ? at : throw new BadRecordException($"field '{field}': something follows the string");
    }

    private static string Shown(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.Length > 40 ? bytes[..40] : bytes);
}
