using System.Globalization;
using System.Text;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>
/// Reads line protocol after its specification (https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/):
/// a backslash escapes comma and space in a measurement, also the equals sign in tags and field keys, quote and backslash in
/// a text; before anything else it is a backslash. A line feed ends a line unless it stands in a text.
/// </summary>
internal sealed class LineProtocolReader
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly string text;
    private int at;

    private LineProtocolReader(string text) => this.text = text;

    private char Next => at < text.Length ? text[at] : '\n';

    /// <exception cref="FormatException">It is not line protocol.</exception>
    public static List<Point> Read(ReadOnlyMemory<byte> bytes)
    {
        LineProtocolReader reader = new(Utf8.GetString(bytes.Span));
        List<Point> points = [];
        while (reader.at < reader.text.Length)
        {
            if (reader.Next == '#') throw reader.Wrong("a comment");
            points.Add(reader.Line());
        }
        return points;
    }

    private Point Line()
    {
        string measurement = Name(escaped: ", ", ends: ", ");
        List<Tag> tags = [];
        while (Next == ',')
        {
            at++;
            string key = Name(escaped: ",= ", ends: ",= ");
            Expect('=');
            tags.Add(new Tag(key, Name(escaped: ",= ", ends: ",= ")));
        }
        Expect(' ');
        List<Field> fields = [Field()];
        while (Next == ',')
        {
            at++;
            fields.Add(Field());
        }
        Expect(' ');
        long time = long.Parse(Token(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        Expect('\n');
        return new Point(measurement, [.. tags], [.. fields], time);
    }

    private Field Field()
    {
        string key = Name(escaped: ",= ", ends: ",= ");
        Expect('=');
        if (Next == '"') return new Field(key, Quoted());
        string token = Token();
        if (token is "t" or "T" or "true" or "True" or "TRUE") return new Field(key, true);
        if (token is "f" or "F" or "false" or "False" or "FALSE") return new Field(key, false);
        if (token.EndsWith('i')) return new Field(key, long.Parse(token[..^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        if (token.EndsWith('u')) return new Field(key, ulong.Parse(token[..^1], NumberStyles.None, CultureInfo.InvariantCulture));
        return new Field(key, double.Parse(token, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    private string Name(string escaped, string ends)
    {
        StringBuilder name = new();
        while (!ends.Contains(Next))
        {
            if (Next == '\n') throw Wrong("the line ends in a name");
            char c = text[at++];
            if (c == '\\' && escaped.Contains(Next)) c = text[at++];
            name.Append(c);
        }
        return name.Length > 0 ? name.ToString() : throw Wrong("an empty name");
    }

    private string Quoted()
    {
        StringBuilder value = new();
        for (at++; Next != '"'; at++)
        {
            if (Next == '\\' && at + 1 < text.Length && text[at + 1] is '\\' or '"') at++;
            if (at == text.Length) throw Wrong("an open text");
            value.Append(Next);
        }
        at++;
        return value.ToString();
    }

    private string Token()
    {
        int begin = at;
        while (Next is not (',' or ' ' or '\n')) at++;
        return text[begin..at];
    }

    private void Expect(char c)
    {
        if (Next != c) throw Wrong($"no '{c}'");
        at++;
    }

    private FormatException Wrong(string what) => new($"{what} at {at} of: {text}");
}
