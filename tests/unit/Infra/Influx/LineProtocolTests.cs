using System.Text;
using CsCheck;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

public sealed class LineProtocolTests
{
    /// <summary>CsCheck's seed fixes the first sample only, so each property looks at one sample of many points.</summary>
    private const string Seed = "0000KUz8lNp4";

    private const int Points = 4000;

    private static readonly Gen<string> Piece = Gen.Frequency<string>(
        (60, Gen.OneOf(",", "=", " ", "\"", "'", "#", "\t", "\r", "\0", "é", "日", "\u2028", "\U0001F600", "a", "n", "i", "0", "b", "c", "d")),
        (3, Gen.Const("\\")),
        (1, Gen.OneOf("\n", "\uD83D", "\uDE00")),
        (6, Gen.Char['a', 'z'].Select(c => c.ToString())));

    private static readonly Gen<string> Name = Gen.Frequency<string>(
        (30, Piece.Array[1, 6].Select(string.Concat)),
        (1, Gen.OneOf("", "time", "_field", "_measurement")));

    private static readonly Gen<string> Text = Gen.Frequency<string>(
        (4, Gen.OneOf<string>(Piece, Gen.OneOf("\\", "\"", "\n", "\\\"", "\\n")).Array[0, 12].Select(string.Concat).Where(WellFormed)),
        (1, Gen.String.Where(WellFormed)));

    private static readonly Gen<Field> Field = Gen.OneOf<Field>(
        Gen.Select(Name, Gen.OneOf<double>(Gen.Double, Gen.OneOf<double>(0, -0.0, double.NaN, double.PositiveInfinity, double.Epsilon, double.MaxValue, double.MinValue))).Select(f => new Field(f.Item1, f.Item2)),
        Gen.Select(Name, Gen.OneOf<long>(Gen.Long, Gen.OneOf(long.MinValue, long.MaxValue))).Select(f => new Field(f.Item1, f.Item2)),
        Gen.Select(Name, Gen.OneOf<ulong>(Gen.ULong, Gen.Const(ulong.MaxValue))).Select(f => new Field(f.Item1, f.Item2)),
        Gen.Select(Name, Gen.Bool).Select(f => new Field(f.Item1, f.Item2)),
        Gen.Select(Name, Text).Select(f => new Field(f.Item1, f.Item2)));

    private static readonly Gen<Point> AnyPoint = Gen.Select(
        Name,
        Gen.Select(Name, Name).Select(t => new Tag(t.Item1, t.Item2)).Array[0, 3],
        Field.Array[0, 3],
        Gen.Frequency<long>((20, Gen.Long), (1, Gen.OneOf(long.MinValue, long.MinValue + 1, long.MinValue + 2, -1L, 0L, long.MaxValue - 1, long.MaxValue))),
        (measurement, tags, fields, time) => new Point(measurement, tags, fields, time));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_point_comes_back_as_it_was_or_is_refused_because_the_protocol_cannot_hold_it(bool unsigned) => AnyPoint.Array[Points].Sample(
        points =>
        {
            LineProtocolWriter writer = new(unsigned: unsigned);
            LineBatch batch = new();
            List<int> written = [];
            long dropped = 0;
            for (int i = 0; i < points.Length; i++)
            {
                string? expected = Refusal(points[i], unsigned);
                bool done = writer.TryWrite(points[i], i, batch, out string reason);
                Assert.True(done == (expected is null), $"{Shown(points[i])}: '{reason}' rather than '{expected}'");
                Assert.Contains(expected ?? "", reason, StringComparison.Ordinal);
                if (!done) continue;
                written.Add(i);
                dropped += points[i].Fields.Count(f => !Storable(f, unsigned));
            }
            Assert.Equal(written, Enumerable.Range(0, batch.Count).Select(batch.SourceOf));
            Assert.Equal(dropped, writer.FieldsDropped);
            Assert.InRange(written.Count, points.Length / 5, points.Length * 4 / 5);
            List<Point> read = LineProtocolReader.Read(batch.Bytes);
            Assert.Equal(written.Count, read.Count);
            for (int line = 0; line < read.Count; line++)
            {
                AssertSame(points[written[line]], read[line], unsigned);
                AssertSame(read[line], Assert.Single(LineProtocolReader.Read(batch.Lines(line, 1))), unsigned);
            }
        }, iter: 1, threads: 1, seed: Seed);

    [Theory]
    [InlineData(TimePrecision.Nanosecond)]
    [InlineData(TimePrecision.Microsecond)]
    [InlineData(TimePrecision.Millisecond)]
    [InlineData(TimePrecision.Second)]
    public void A_time_is_rounded_down_to_its_precision_before_1970_too(TimePrecision precision) =>
        Gen.OneOf<long>(Gen.Long[LineProtocolWriter.TimeUnixNsMin, LineProtocolWriter.TimeUnixNsMax], Gen.Long[-3_000_000_000, 3_000_000_000], Gen.OneOf(LineProtocolWriter.TimeUnixNsMin, LineProtocolWriter.TimeUnixNsMax)).Array[Points].Sample(
        times =>
        {
            LineProtocolWriter writer = new(precision);
            LineBatch batch = new();
            foreach (long time in times) Assert.True(writer.TryWrite(new Point("m", [], [new Field("v", 1)], time), 0, batch, out _));
            Int128 unit = (long)precision;
            foreach ((long time, Point read) in times.Zip(LineProtocolReader.Read(batch.Bytes)))
                Assert.True(read.TimeUnixNs * unit <= time && time < (read.TimeUnixNs + Int128.One) * unit, $"{time} ns became {read.TimeUnixNs}");
        }, iter: 1, threads: 1, seed: Seed);

    [Fact]
    public void A_line_is_what_the_specification_shows()
    {
        LineBatch batch = new();
        Point point = new(
            "my measurement, all",
            [new Tag("zone", "eu=1"), new Tag("empty", ""), new Tag("a b", "x,y")],
            [new Field("f", 1.5), new Field("n", -3L), new Field("u", 7UL), new Field("ok", true), new Field("s", "say \"hi\" \\ bye")],
            1_795_411_000_000_000_000);
        Assert.True(new LineProtocolWriter().TryWrite(point, 0, batch, out _));
        Assert.Equal(
            """my\ measurement\,\ all,a\ b=x\,y,zone=eu\=1 f=1.5,n=-3i,u=7u,ok=true,s="say \"hi\" \\ bye" 1795411000000000000""" + "\n",
            Encoding.UTF8.GetString(batch.Bytes.Span));
    }

    private static void AssertSame(Point expected, Point read, bool unsigned)
    {
        Assert.Equal(expected.Measurement, read.Measurement);
        Assert.Equal(expected.Tags.Where(t => t.Value.Length > 0).OrderBy(t => t.Key, StringComparer.Ordinal), read.Tags);
        Assert.Equal(expected.Fields.Where(f => Storable(f, unsigned)).Select(f => f.Kind == FieldKind.Unsigned && !unsigned ? new Field(f.Key, (long)f.AsUnsigned) : f), read.Fields);
        Assert.Equal(expected.TimeUnixNs, read.TimeUnixNs);
    }

    /// <summary>Part of the reason for which a point has to be refused; null where it must not be.</summary>
    private static string? Refusal(Point point, bool unsigned)
    {
        if (point.TimeUnixNs is < -9223372036854775806 or > 9223372036854775806) return "outside of what InfluxDB can hold";
        string m = point.Measurement;
        if (m.Length == 0) return "no name";
        if (m[0] == '#') return "comment";
        if (m[0] is '\t' or '\0') return "servers skip";
        if (Uncarried(m) || BackslashBeforeEscape(m)) return "cannot carry";
        Tag[] tags = [.. point.Tags.Where(t => t.Value.Length > 0)];
        Field[] fields = [.. point.Fields.Where(f => Storable(f, unsigned))];
        bool badTag = tags.Any(t => t.Key.Length == 0 || t.Key is "time" or "_field" or "_measurement" || Uncarried(t.Key) || Uncarried(t.Value)) || tags.DistinctBy(t => t.Key).Count() < tags.Length;
        bool badField = fields.Any(f => f.Key.Length == 0 || f.Key == "time" || Uncarried(f.Key) || BackslashBeforeEscape(f.Key));
        // Which of several faults is told does not matter.
        return badTag || badField ? "" : fields.Length > 0 ? null : point.Fields.Length > 0 ? "no field holds a number" : "the point has no field";
    }

    private static bool Uncarried(string name) => name.EndsWith('\\') || name.Contains('\n') || !WellFormed(name);

    private static bool BackslashBeforeEscape(string name) => name.Contains("\\,", StringComparison.Ordinal) || name.Contains("\\=", StringComparison.Ordinal) || name.Contains("\\ ", StringComparison.Ordinal);

    private static bool WellFormed(string text) => !text.EnumerateRunes().Contains(Rune.ReplacementChar);

    private static bool Storable(Field field, bool unsigned) => field.Kind switch
    {
        FieldKind.Float => double.IsFinite(field.AsFloat),
        FieldKind.Unsigned => unsigned || field.AsUnsigned <= long.MaxValue,
        _ => true,
    };

    private static string Shown(Point point) =>
        $"{point.Measurement}|{string.Join("|", point.Tags)}|{string.Join("|", point.Fields)}|{point.TimeUnixNs}";
}
