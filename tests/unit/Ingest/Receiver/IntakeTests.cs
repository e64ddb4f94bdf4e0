using System.Text;
using Google.Protobuf;
using Pipeline.Ingest.Bridge.Otlp;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;
using Pipeline.Ingest.Receiver;

namespace Pipeline.Tests.Unit.Ingest.Receiver;

public sealed class IntakeTests
{
    [Fact]
    public void Lines_of_a_machine_stay_together_in_their_order_and_wrong_ones_are_told()
    {
        LineIntake intake = LineIntake.Divide("cpu,host=a f=1 1\n\n# remark\nmem,host=b f=2i 1\nwrong\ncpu,host=a f=3 2\r\nnot either=x\n"u8, 1000);
        Assert.Equal([("a", "cpu,host=a f=1 1\ncpu,host=a f=3 2\n"), ("b", "mem,host=b f=2i 1\n")], intake.Records.Select(r => (r.Key, Encoding.UTF8.GetString(r.Value))));
        Assert.Equal(2, intake.Dropped);
        Assert.Equal("line 5: wrong has no fields", intake.FirstError);
    }

    [Fact]
    public void A_record_holds_no_more_than_it_may()
    {
        string body = string.Concat(Enumerable.Range(0, 50).Select(i => $"cpu,host=a f={i} 1\n"));
        LineIntake intake = LineIntake.Divide(Encoding.UTF8.GetBytes(body), 100);
        Assert.All(intake.Records, r => Assert.InRange(r.Value.Length, 1, 100));
        Assert.Equal(body, string.Concat(intake.Records.Select(r => Encoding.UTF8.GetString(r.Value))));
        Assert.Contains("a line of 108 bytes", LineIntake.Divide(Encoding.UTF8.GetBytes("cpu f=" + new string('1', 102)), 100).FirstError, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_resource_is_a_record_of_its_machine_and_unknown_fields_go_along()
    {
        MetricsData data = new() { ResourceMetrics = { Of("a"), Of("b"), new ResourceMetrics() } };
        byte[] more = [.. data.ToByteArray(), .. Unknown];
        List<ForeignRecord> records = OtlpIntake.Divide(OtlpProtoDecoder.Parse(more), 1000);
        Assert.Equal(["a", "b"], records.Select(r => r.Key));
        Assert.Equal(Of("b"), Assert.Single(MetricsData.Parser.ParseFrom(records[1].Value).ResourceMetrics));
        Assert.Throws<TooLargeException>(() => OtlpIntake.Divide(data, 20));
        Assert.Throws<BadRecordException>(() => OtlpProtoDecoder.Parse([0x0A, 0x7F]));
    }

    /// <summary>Field 15, a varint.</summary>
    private static byte[] Unknown => [0x78, 0x01];

    private static ResourceMetrics Of(string host) => new()
    {
        Resource = new Resource { Attributes = { new KeyValue { Key = "host.name", Value = new AnyValue { StringValue = host } } } },
        ScopeMetrics = { new ScopeMetrics { Metrics = { new Metric { Name = "system.cpu.load_average.1m", Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsDouble = 1, TimeUnixNano = 1 } } } } } } },
    };
}
