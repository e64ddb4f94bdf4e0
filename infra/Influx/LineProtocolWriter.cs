using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.Influx;

/// <summary>
/// Writes points as line protocol (https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/):
/// <c>measurement,tag=value field=1.5,n=3i,u=7u,ok=true,s="text" 1795411000000000000</c>, tags sorted, empty tags left out.
/// <code>
///   where              escaped by a backslash      cannot be carried, so refused
///   measurement        comma, space                LF; backslash at the end or before , = space; # TAB NUL at the start
///   tag key and value  comma, equals sign, space   LF; backslash at the end
///   field key          comma, equals sign, space   LF; backslash at the end or before , = space
///   text field         quote, backslash            -
/// </code>
/// Half a surrogate pair cannot be carried either, since it has no UTF-8: refused in a name, U+FFFD in a text.
/// A refusal has a reason; nothing is ever stored under a name that is not its own.
/// Allocates nothing but the batch's buffer.
/// </summary>
public sealed class LineProtocolWriter(TimePrecision precision = TimePrecision.Nanosecond, bool unsigned = true)
{
    /// <summary>The servers' own bounds of a time stamp: int64 nanoseconds without the two lowest and the highest value.</summary>
    public const long TimeUnixNsMin = long.MinValue + 2, TimeUnixNsMax = long.MaxValue - 1;

    /// <summary>InfluxDB's limit of measurement, tag keys and values together (models.MaxKeyLength).</summary>
    public const int SeriesKeyBytesMax = 65_535;

    /// <summary>InfluxDB's limit of a text value.</summary>
    public const int TextBytesMax = 1024 * 1024;

    /// <summary>Tags are few; more than these and their order is kept in a rented array.</summary>
    private const int TagsOnStack = 64;

    /// <summary>-1.7976931348623157E+308 has 24 characters; integers have at most 20.</summary>
    private const int NumberBytesMax = 32;

    /// <summary>A UTF-16 unit becomes at most three bytes of UTF-8.</summary>
    private const int BytesPerChar = 3;

    /// <summary>Most names have nothing else, and need neither a look at each rule nor an escape.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create("-._/:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<byte> MeasurementSpecials = SearchValues.Create(", "u8);
    private static readonly SearchValues<byte> NameSpecials = SearchValues.Create(", ="u8);
    private static readonly SearchValues<byte> TextSpecials = SearchValues.Create("\"\\"u8);

    /// <summary>Fields of written points that were left out because no number could be written for them: NaN, infinities, unsigned values that the server cannot hold.</summary>
    public long FieldsDropped { get; private set; }

    /// <summary>Appends one line; false, and nothing appended, when the point cannot be written: <paramref name="reason"/> says why.</summary>
    /// <param name="source">Kept with the line, see <see cref="LineBatch.SourceOf"/>.</param>
    public bool TryWrite(Point point, int source, LineBatch into, out string reason)
    {
        reason = Write(point, into) ?? "";
        if (reason.Length == 0) into.EndLine(source);
        else into.DropOpenLine();
        return reason.Length == 0;
    }

    private string? Write(Point point, LineBatch into)
    {
        if (point.TimeUnixNs is < TimeUnixNsMin or > TimeUnixNsMax) return $"time {point.TimeUnixNs} ns is outside of what InfluxDB can hold";
        int begin = into.Length;
        if (WriteMeasurement(point.Measurement, into) is { } wrongMeasurement) return wrongMeasurement;
        if (WriteTags(point.Tags, into) is { } wrongTag) return wrongTag;
        if (into.Length - begin > SeriesKeyBytesMax) return $"measurement and tags have {into.Length - begin} bytes; at most {SeriesKeyBytesMax} are allowed";
        if (WriteFields(point.Fields, into) is { } wrongField) return wrongField;
        Byte(into, (byte)' ');
        Integer(into, FloorDivide(point.TimeUnixNs, (long)precision));
        Byte(into, (byte)'\n');
        return null;
    }

    private static string? WriteMeasurement(string name, LineBatch into)
    {
        if (name.Length == 0) return "the measurement has no name";
        if (name[0] == '#') return $"measurement '{name}' would be read as a comment";
        if (name[0] is '\t' or '\0') return $"measurement '{name}' starts with a character that servers skip";
        return WriteName("measurement", name, into, MeasurementSpecials, backslashes: false);
    }

    private static string? WriteTags(Tag[] tags, LineBatch into)
    {
        int[]? rented = tags.Length > TagsOnStack ? ArrayPool<int>.Shared.Rent(tags.Length) : null;
        Span<int> order = rented ?? stackalloc int[TagsOnStack];
        try
        {
            order = order[..Sort(tags, order)];
            for (int i = 0; i < order.Length; i++)
            {
                Tag tag = tags[order[i]];
                if (tag.Key.Length == 0) return $"a tag with the value '{tag.Value}' has no key";
                if (tag.Key is "time" or "_measurement" or "_field") return $"tag key '{tag.Key}' is reserved";
                if (i > 0 && tag.Key == tags[order[i - 1]].Key) return $"tag '{tag.Key}' is there twice";
                Byte(into, (byte)',');
                if (WriteName("tag key", tag.Key, into, NameSpecials, backslashes: true) is { } wrongKey) return wrongKey;
                Byte(into, (byte)'=');
                if (WriteName("tag value", tag.Value, into, NameSpecials, backslashes: true) is { } wrongValue) return wrongValue;
            }
            return null;
        }
        finally
        {
            if (rented is not null) ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>Indices of the tags that have a value, by key: an insertion sort, since there are few and they mostly come sorted.</summary>
    private static int Sort(Tag[] tags, Span<int> order)
    {
        int count = 0;
        for (int i = 0; i < tags.Length; i++)
        {
            if (tags[i].Value.Length == 0) continue;
            int at = count++;
            for (; at > 0 && string.CompareOrdinal(tags[order[at - 1]].Key, tags[i].Key) > 0; at--) order[at] = order[at - 1];
            order[at] = i;
        }
        return count;
    }

    private string? WriteFields(Field[] fields, LineBatch into)
    {
        byte separator = (byte)' ';
        int dropped = 0;
        foreach (ref readonly Field field in fields.AsSpan())
        {
            if (!field.IsStorable || (field.Kind == FieldKind.Unsigned && !unsigned && field.AsUnsigned > long.MaxValue))
            {
                dropped++;
                continue;
            }
            if (field.Key.Length == 0) return "a field has no key";
            if (field.Key == "time") return "field key 'time' is reserved";
            Byte(into, separator);
            separator = (byte)',';
            if (WriteName("field key", field.Key, into, NameSpecials, backslashes: false) is { } wrongKey) return wrongKey;
            Byte(into, (byte)'=');
            if (WriteValue(field, into) is { } wrongValue) return wrongValue;
        }
        if (separator == ',')
        {
            FieldsDropped += dropped;
            return null;
        }
        return dropped > 0 ? "no field holds a number: all are NaN, infinite or too large" : "the point has no field";
    }

    private string? WriteValue(in Field field, LineBatch into)
    {
        switch (field.Kind)
        {
            case FieldKind.Float:
                field.AsFloat.TryFormat(into.Reserve(NumberBytesMax), out int written, default, CultureInfo.InvariantCulture);
                into.Advance(written);
                return null;
            case FieldKind.Integer:
                Integer(into, field.AsInteger);
                Byte(into, (byte)'i');
                return null;
            case FieldKind.Unsigned:
                field.AsUnsigned.TryFormat(into.Reserve(NumberBytesMax), out int digits, default, CultureInfo.InvariantCulture);
                into.Advance(digits);
                Byte(into, unsigned ? (byte)'u' : (byte)'i');
                return null;
            case FieldKind.Boolean:
                ReadOnlySpan<byte> word = field.AsBoolean ? "true"u8 : "false"u8;
                word.CopyTo(into.Reserve(word.Length));
                into.Advance(word.Length);
                return null;
            default:
                return WriteText(field, into);
        }
    }

    private static string? WriteText(in Field field, LineBatch into)
    {
        Byte(into, (byte)'"');
        int begin = into.Length;
        Escaped(into, field.Text!, TextSpecials);
        if (into.Length - begin > TextBytesMax) return $"field '{field.Key}' is a text of {into.Length - begin} bytes; at most {TextBytesMax} are allowed";
        Byte(into, (byte)'"');
        return null;
    }

    /// <summary>Appends a name, or says why it cannot be carried.</summary>
    /// <param name="backslashes">Whether a backslash may stand before a character that is escaped.</param>
    private static string? WriteName(string what, string name, LineBatch into, SearchValues<byte> specials, bool backslashes)
    {
        if (name.AsSpan().IndexOfAnyExcept(Plain) < 0)
        {
            Ascii.FromUtf16(name, into.Reserve(name.Length), out int written);
            into.Advance(written);
            return null;
        }
        if ((WrongName(what, name) ?? (backslashes ? null : WrongBackslash(what, name))) is { } wrong) return wrong;
        Escaped(into, name, specials);
        return null;
    }

    /// <summary>A line feed ends the line, escaped or not; a backslash at the end would escape the separator behind it.</summary>
    private static string? WrongName(string what, string name) =>
        name.Length > 0 && name[^1] == '\\' ? $"{what} '{name}' ends with a backslash, which line protocol cannot carry"
        : name.Contains('\n', StringComparison.Ordinal) ? $"{what} '{name}' has a line feed, which line protocol cannot carry"
        : HasHalfPair(name) ? $"{what} '{name}' has half a surrogate pair, which line protocol cannot carry"
        : null;

    private static bool HasHalfPair(string name)
    {
        for (int at = name.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at < name.Length; at++)
        {
            if (!char.IsSurrogate(name[at])) continue;
            if (at + 1 == name.Length || !char.IsSurrogatePair(name[at], name[++at])) return true;
        }
        return false;
    }

    /// <summary>Servers read a backslash and the escape behind it as an escaped backslash here, but not in tags.</summary>
    private static string? WrongBackslash(string what, string name)
    {
        for (int at = name.IndexOf('\\', StringComparison.Ordinal); at >= 0; at = name.IndexOf('\\', at + 1))
            if (name[at + 1] is ',' or '=' or ' ') return $"{what} '{name}' has a backslash before '{name[at + 1]}', which line protocol cannot carry";
        return null;
    }

    private static void Escaped(LineBatch into, string text, SearchValues<byte> specials)
    {
        Span<byte> room = into.Reserve(text.Length * BytesPerChar);
        Utf8.FromUtf16(text, room, out _, out int written);
        int special = room[..written].IndexOfAny(specials);
        if (special < 0) into.Advance(written);
        else Escape(into, written, special, specials);
    }

    /// <summary>Spreads the bytes that lie behind the batch's end, from the back, to make room for backslashes.</summary>
    private static void Escape(LineBatch into, int written, int first, SearchValues<byte> specials)
    {
        int count = 0;
        foreach (byte b in into.Reserve(written)[first..written])
            if (specials.Contains(b)) count++;
        Span<byte> room = into.Reserve(written + count);
        int to = written + count;
        for (int from = written - 1; from >= first; from--)
        {
            byte b = room[from];
            room[--to] = b;
            if (specials.Contains(b)) room[--to] = (byte)'\\';
        }
        into.Advance(written + count);
    }

    private static void Integer(LineBatch into, long value)
    {
        value.TryFormat(into.Reserve(NumberBytesMax), out int written, default, CultureInfo.InvariantCulture);
        into.Advance(written);
    }

    private static void Byte(LineBatch into, byte value)
    {
        into.Reserve(1)[0] = value;
        into.Advance(1);
    }

    private static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);
}
