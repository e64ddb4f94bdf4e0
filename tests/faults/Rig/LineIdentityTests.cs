using System.Text;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;
using Xunit;

namespace Pipeline.Tests.Faults.Rig;

public sealed class LineIdentityTests
{
    [Fact]
    public void Lines_of_the_pipeline_are_read_as_they_were_meant()
    {
        Point point = new("a measurement, odd", [new Tag("tag one", "x=1, y"), new Tag("two", "\"z\"")], [new Field("text", "with \"quotes\" and, spaces"), new Field("n", 4.5)], -1_500);
        LineBatch batch = new();
        Assert.True(new LineProtocolWriter(TimePrecision.Nanosecond, unsigned: false).TryWrite(point, 0, batch, out _));
        Point read = LineIdentity.Parse(Encoding.UTF8.GetString(batch.Lines(0, 1).Span).TrimEnd('\n'));
        Assert.Equal((point.Measurement, point.TimeUnixNs), (read.Measurement, read.TimeUnixNs));
        Assert.Equal(point.Tags, read.Tags);
    }
}
