using System.Text;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

public sealed class LineProtocolLimitTests
{
    private readonly LineProtocolWriter writer = new();
    private readonly LineBatch batch = new();

    [Theory]
    [InlineData("m\n", "a", "b", "f", "measurement 'm\n' has a line feed, which line protocol cannot carry")]
    [InlineData("m\\", "a", "b", "f", "measurement 'm\\' ends with a backslash, which line protocol cannot carry")]
    [InlineData("m\\, n", "a", "b", "f", "measurement 'm\\, n' has a backslash before ',', which line protocol cannot carry")]
    [InlineData("# m", "a", "b", "f", "measurement '# m' would be read as a comment")]
    [InlineData("", "a", "b", "f", "the measurement has no name")]
    [InlineData("m", "a\n", "b", "f", "tag key 'a\n' has a line feed, which line protocol cannot carry")]
    [InlineData("m", "a", "b\n", "f", "tag value 'b\n' has a line feed, which line protocol cannot carry")]
    [InlineData("m", "a", "b\\", "f", "tag value 'b\\' ends with a backslash, which line protocol cannot carry")]
    [InlineData("m", "", "b", "f", "a tag with the value 'b' has no key")]
    [InlineData("m", "time", "b", "f", "tag key 'time' is reserved")]
    [InlineData("m", "twice", "b", "f", "tag 'twice' is there twice")]
    [InlineData("m", "a", "b", "", "a field has no key")]
    [InlineData("m", "a", "b", "time", "field key 'time' is reserved")]
    [InlineData("m", "a", "b", "f\\ g", "field key 'f\\ g' has a backslash before ' ', which line protocol cannot carry")]
    public void A_refusal_says_which_name_and_why_and_leaves_nothing_behind(string measurement, string key, string value, string field, string expected)
    {
        Assert.True(Write(FakeInflux.Point(0)));
        Assert.False(Write(new Point(measurement, [new Tag("twice", "1"), new Tag(key, value)], [new Field("first", "a, b"), new Field(field, 1.0)], 1), out string reason));
        Assert.Equal(expected, reason);
        Assert.True(Write(FakeInflux.Point(1)));
        Assert.Equal([FakeInflux.Point(0).TimeUnixNs, FakeInflux.Point(1).TimeUnixNs], LineProtocolReader.Read(batch.Bytes).Select(p => p.TimeUnixNs));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_in_a_name_and_replaced_in_a_text()
    {
        Assert.False(Write(new Point("m", [new Tag("a", "b\uD83D")], [new Field("f", 1.0)], 1), out string reason));
        Assert.Contains("has half a surrogate pair", reason, StringComparison.Ordinal);
        Assert.True(Write(new Point("m", [new Tag("a", "\U0001F600")], [new Field("f", "\uDE00\U0001F600")], 1)));
        Point read = Assert.Single(LineProtocolReader.Read(batch.Bytes));
        Assert.Equal(("\U0001F600", "\uFFFD\U0001F600"), (read.Tags[0].Value, read.Fields[0].Text));
    }

    [Fact]
    public void A_tag_without_a_value_is_left_out_and_may_have_any_key()
    {
        Assert.True(Write(new Point("m", [new Tag("", ""), new Tag("a", ""), new Tag("a", "b"), new Tag("bad\n", "")], [new Field("f", 1.0)], 1)));
        Assert.Equal("m,a=b f=1 1\n", Encoding.UTF8.GetString(batch.Bytes.Span));
    }

    [Fact]
    public void Fields_without_a_number_are_left_out_and_counted_where_the_point_is_written()
    {
        Assert.True(Write(new Point("m", [], [new Field("nan", double.NaN), new Field("f", 1.0), new Field("inf", double.NegativeInfinity)], 1)));
        Assert.Equal("m f=1 1\n", Encoding.UTF8.GetString(batch.Bytes.Span));
        Assert.False(Write(new Point("m", [], [new Field("nan", double.NaN)], 1), out string reason));
        Assert.Equal("no field holds a number: all are NaN, infinite or too large", reason);
        Assert.False(Write(new Point("m", [], [], 1), out reason));
        Assert.Equal("the point has no field", reason);
        Assert.Equal(2, writer.FieldsDropped);
    }

    [Fact]
    public void A_series_key_may_have_as_many_bytes_as_the_server_takes()
    {
        string value = new('x', LineProtocolWriter.SeriesKeyBytesMax - "m,a=".Length);
        Assert.True(Write(new Point("m", [new Tag("a", value)], [new Field("f", 1.0)], 1)));
        Assert.False(Write(new Point("m", [new Tag("a", value + "x")], [new Field("f", 1.0)], 1), out string reason));
        Assert.Equal("measurement and tags have 65536 bytes; at most 65535 are allowed", reason);
        Assert.Equal(1, batch.Count);
    }

    [Fact]
    public void A_text_may_have_as_many_bytes_as_the_server_takes()
    {
        string quotes = new('"', LineProtocolWriter.TextBytesMax / 2);
        Assert.True(Write(new Point("m", [], [new Field("s", quotes)], 1)));
        Assert.Equal(quotes, Assert.Single(LineProtocolReader.Read(batch.Bytes)).Fields[0].Text);
        Assert.False(Write(new Point("m", [], [new Field("s", new string('é', (LineProtocolWriter.TextBytesMax / 2) + 1))], 1), out string reason));
        Assert.Equal("field 's' is a text of 1048578 bytes; at most 1048576 are allowed", reason);
    }

    [Fact]
    public void Any_number_of_tags_is_sorted()
    {
        Tag[] tags = [.. Enumerable.Range(0, 200).Select(i => new Tag($"key-{i * 7919 % 200:D3}", $"{i}"))];
        Assert.True(Write(new Point("m", tags, [new Field("f", 1.0)], 1)));
        Assert.Equal(tags.OrderBy(t => t.Key, StringComparer.Ordinal), Assert.Single(LineProtocolReader.Read(batch.Bytes)).Tags);
    }

    private bool Write(Point point) => Write(point, out _);

    private bool Write(Point point, out string reason) => writer.TryWrite(point, 0, batch, out reason);
}
