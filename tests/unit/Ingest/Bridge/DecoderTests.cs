using System.Text;
using CsCheck;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Tests.Unit.Infra.Traces;

namespace Pipeline.Tests.Unit.Ingest.Bridge;

public sealed class DecoderTests
{
    private const long RecordMs = 1_795_415_058_000;

    [Theory]
    [InlineData("m f=1", "m", "f", 1.0)]
    [InlineData("m f=-1.5e3", "m", "f", -1500.0)]
    [InlineData("m f=1i 1795415058000000000", "m", "f", 1L)]
    [InlineData("m f=18446744073709551615u", "m", "f", 18446744073709551615ul)]
    [InlineData("m f=t", "m", "f", true)]
    [InlineData("m f=False", "m", "f", false)]
    [InlineData("m f=\" a=b, \\\"c\\\" \\\\ \"", "m", "f", " a=b, \"c\" \\ ")]
    [InlineData("m\\ 1\\,2 f\\=g=1i", "m 1,2", "f=g", 1L)]
    [InlineData("m f=\"two\nlines\"", "m", "f", "two\nlines")]
    [InlineData("m\\n f=1i\r", "m\\n", "f", 1L)]
    [InlineData("# a remark\nm f=1i\n\n", "m", "f", 1L)]
    public void Line_protocol_is_read_as_its_reference_says(string line, string metric, string field, object value)
    {
        MetricPoint point = Assert.Single(Decode(AgentFormat.TelegrafInflux, line));
        Assert.Equal((metric, field, value), (point.Metric, point.Field, point.Value));
        Assert.Equal((ulong)RecordMs * 1_000_000, point.TimeUnixNano);
    }

    [Fact]
    public void Tags_are_unescaped_and_the_hosts_stands_apart()
    {
        MetricPoint point = Assert.Single(Decode(AgentFormat.TelegrafInflux, "m,host=vm\\ 1,rack=r\\ 1\\,a\\=b f=1 1795415058"));
        Assert.Equal("vm 1", point.Host);
        Assert.Equal([new("rack", "r 1,a=b")], point.Attributes);
    }

    [Theory]
    [InlineData("m")]
    [InlineData("m,t f=1")]
    [InlineData("m f=")]
    [InlineData("m f=1x")]
    [InlineData("m f=NaN")]
    [InlineData("m f=\"open")]
    [InlineData("m f=99999999999999999999i")]
    [InlineData("m f=1 yesterday")]
    [InlineData("m f=1 -5")]
    [InlineData(",t=1 f=1")]
    [InlineData("\n\n")]
    public void A_line_that_is_wrong_is_refused_with_a_reason(string line) =>
        Assert.NotEmpty(Assert.Throws<BadRecordException>(() => Decode(AgentFormat.TelegrafInflux, line)).Message);

    [Theory]
    [InlineData(1_795_415_058)]
    [InlineData(1_795_415_058_000)]
    [InlineData(1_795_415_058_000_000)]
    [InlineData(1_795_415_058_000_000_000)]
    public void A_times_unit_is_told_by_its_size(long time) => Assert.Equal(1_795_415_058_000_000_000ul, EventTime.Nanoseconds(time));

    [Fact]
    public void Graphite_takes_tags_and_asks_for_the_records_time()
    {
        List<MetricPoint> points = Decode(AgentFormat.CollectdGraphite, "collectd.vm-a1.load.load.shortterm 9.5 1795414661\r\ncpu.idle;host=vm-2;cpu=0 7 N\r\n");
        Assert.Equal(("vm-a1", 9.5, 1_795_414_661_000_000_000ul), (points[0].Host!, (double)points[0].Value!, points[0].TimeUnixNano));
        Assert.Equal(("vm-2", 7L, (ulong)RecordMs * 1_000_000), (points[1].Host!, (long)points[1].Value!, points[1].TimeUnixNano));
    }

    [Fact]
    public void Json_of_otlp_takes_numbers_as_text_enums_as_names_and_passes_over_what_it_does_not_know()
    {
        MetricPoint point = Assert.Single(Decode(AgentFormat.Auto, """
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"vm-1"}}]},"scopeMetrics":[{"metrics":[{"name":"system.cpu.time","new":1,
            "sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA","isMonotonic":true,"dataPoints":[{"asInt":"9007199254740993","timeUnixNano":"1795414951120554427","exemplars":[{"traceId":"0af7"}]}]}}]}]}]}
            """));
        Assert.Equal(("vm-1", 9007199254740993L, "delta", true), (point.Host!, (long)point.Value!, point.Temporality!, point.Monotonic!.Value));
    }

    [Fact]
    public void A_value_that_is_no_number_never_reaches_a_report()
    {
        MetricPoint point = Assert.Single(Decode(AgentFormat.Auto, """{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asDouble":"NaN","timeUnixNano":1}]}}]}]}]}"""));
        Assert.Null(point.AsNumber);
        Assert.Contains("\"NaN\"", PointJson.Write(point, 0), StringComparison.Ordinal);
    }

    [TraceDataFact("agents")]
    public void Mutated_captures_are_decoded_or_refused_and_nothing_else()
    {
        (string, AgentFormat)[] captures =
        [
            ("otelcol_otlp_proto", AgentFormat.OtlpProto), ("otel_python_proto", AgentFormat.OtlpProto), ("otelcol_otlp_json", AgentFormat.OtlpJson), ("telegraf_influx", AgentFormat.TelegrafInflux),
            ("telegraf_json", AgentFormat.TelegrafJson), ("collectd_json", AgentFormat.CollectdJson), ("collectd_graphite", AgentFormat.CollectdGraphite),
        ];
        (byte[] Value, AgentFormat Format)[] records = [.. captures.SelectMany(c => CaptureFile.Read(new FileInfo(Path.Combine(TraceDataFactAttribute.Folder("agents").FullName, c.Item1 + ".jsonl"))).Take(5).Select(r => (r.Value, c.Item2)))];
        Gen.Select(Gen.Int[0, records.Length - 1], Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Int[0, 3]).Sample((which, at, value, how) =>
        {
            byte[] bytes = [.. records[which].Value];
            at %= bytes.Length;
            byte[] mutated = how switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], value, .. bytes[at..]],
                2 => [.. bytes[..at], .. bytes[(at + 1)..]],
                _ => [.. bytes[..at], value, .. bytes[(at + 1)..]],
            };
            foreach (AgentFormat format in new[] { records[which].Format, AgentFormat.Auto })
            {
                List<MetricPoint> points = [];
                try
                {
                    AgentFormats.Decoder(format).Decode(mutated, RecordMs, points);
                }
                catch (BadRecordException e)
                {
                    Assert.NotEmpty(e.Message);
                }
                foreach (MetricPoint point in points) Assert.NotEmpty(PointJson.Write(point, 0));
            }
        }, iter: 2000, threads: 1, seed: "0000KMi7wfi3");
    }

    private static List<MetricPoint> Decode(AgentFormat format, string text)
    {
        List<MetricPoint> points = [];
        AgentFormats.Decoder(format).Decode(Encoding.UTF8.GetBytes(text), RecordMs, points);
        return points;
    }
}
