using System.Text;
using CsCheck;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Bridge.Otlp;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;
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
        Assert.Equal((metric, field, value), (point.Series.Metric, point.Series.Field, point.Value.AsObject));
        Assert.Equal((ulong)RecordMs * 1_000_000, point.TimeUnixNano);
    }

    [Fact]
    public void Tags_are_unescaped_and_the_hosts_stands_apart()
    {
        MetricPoint point = Assert.Single(Decode(AgentFormat.TelegrafInflux, "m,host=vm\\ 1,rack=r\\ 1\\,a\\=b f=1 1795415058"));
        Assert.Equal("vm 1", point.Series.Host);
        Assert.Equal([new("rack", "r 1,a=b")], point.Series.Attributes);
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
        Assert.Equal(("vm-a1", 9.5, 1_795_414_661_000_000_000ul), (points[0].Series.Host!, (double)points[0].Value.AsObject!, points[0].TimeUnixNano));
        Assert.Equal(("vm-2", 7L, (ulong)RecordMs * 1_000_000), (points[1].Series.Host!, (long)points[1].Value.AsObject!, points[1].TimeUnixNano));
    }

    [Fact]
    public void Json_of_otlp_takes_numbers_as_text_enums_as_names_and_passes_over_what_it_does_not_know()
    {
        MetricPoint point = Assert.Single(Decode(AgentFormat.Auto, """
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"vm-1"}}]},"scopeMetrics":[{"metrics":[{"name":"system.cpu.time","new":1,
            "sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA","isMonotonic":true,"dataPoints":[{"asInt":"9007199254740993","timeUnixNano":"1795414951120554427","exemplars":[{"traceId":"0af7"}]}]}}]}]}]}
            """));
        Assert.Equal(("vm-1", 9007199254740993L, "delta", true), (point.Series.Host!, (long)point.Value.AsObject!, point.Series.Temporality!, point.Series.Monotonic!.Value));
    }

    [Fact]
    public void A_value_that_is_no_number_never_reaches_a_report()
    {
        MetricPoint point = Assert.Single(Decode(AgentFormat.Auto, """{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asDouble":"NaN","timeUnixNano":1}]}}]}]}]}"""));
        Assert.Null(point.Value.AsNumber);
        Assert.Contains("\"NaN\"", PointJson.Write(point, null, 0), StringComparison.Ordinal);
    }

    [Fact]
    public void Otlp_is_read_in_any_order_of_fields_and_repeated_ones_are_merged()
    {
        KeyValue host = new() { Key = "host.name", Value = new AnyValue { StringValue = "vm-1" } }, cpu = new() { Key = "cpu", Value = new AnyValue { IntValue = 3 } };
        NumberDataPoint point = new() { AsInt = 7, TimeUnixNano = 5, StartTimeUnixNano = 2, Attributes = { cpu } }, blank = new() { Flags = 1, TimeUnixNano = 5, AsInt = 8 };
        Metric metric = new() { Name = "system.cpu.time", Unit = "s", Sum = new Sum { IsMonotonic = true, AggregationTemporality = AggregationTemporality.Cumulative, DataPoints = { point, blank, new NumberDataPoint { AsDouble = .5, TimeUnixNano = 6 } } } };
        Resource resource = new() { Attributes = { host } };
        byte[] scopes = new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } } }.ToByteArray(), sender = new ResourceMetrics { Resource = resource }.ToByteArray();
        byte[] more = new ResourceMetrics { Resource = new Resource { Attributes = { new KeyValue { Key = "host.id", Value = new AnyValue { StringValue = "i-1" } } } } }.ToByteArray();
        foreach (byte[] body in new byte[][] { [.. sender, .. scopes], [.. scopes, .. sender], [.. scopes, .. sender, .. more], scopes })
        {
            byte[] record = [0x0A, .. Varint(body.Length), .. body];
            string plain = Decoded(new GeneratedDecoder(), record);
            OtlpProtoDecoder decoder = new();
            Assert.Equal(plain, Decoded(decoder, record));
            Assert.Equal(plain, Decoded(decoder, record));
            Assert.Equal(2, plain.Split('\n').Length);
        }
    }

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), (byte)(value >> 7)];

    [Fact]
    public void More_attributes_than_anybody_has_are_refused()
    {
        string tags = string.Concat(Enumerable.Range(0, 257).Select(i => $",t{i}=v"));
        Assert.Contains("more than 256 tags", Assert.Throws<BadRecordException>(() => Decode(AgentFormat.TelegrafInflux, "m" + tags + " f=1")).Message, StringComparison.Ordinal);
        NumberDataPoint point = new() { AsInt = 1, Attributes = { Enumerable.Range(0, 257).Select(i => new KeyValue { Key = $"t{i}" }) } };
        MetricsData data = new() { ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { new Metric { Name = "m", Gauge = new Gauge { DataPoints = { point } } } } } } } } };
        Assert.Contains("257 attributes", Assert.Throws<BadRecordException>(() => AgentFormats.Decoder(AgentFormat.OtlpProto).Decode(data.ToByteArray(), RecordMs, [])).Message, StringComparison.Ordinal);
    }

    [TraceDataFact("agents")]
    public void Mutated_captures_are_decoded_or_refused_and_nothing_else()
    {
        (string, AgentFormat)[] captures =
        [
            ("otelcol_otlp_proto", AgentFormat.OtlpProto), ("otel_python_proto", AgentFormat.OtlpProto), ("otelcol_otlp_json", AgentFormat.OtlpJson), ("telegraf_influx", AgentFormat.TelegrafInflux),
            ("telegraf_json", AgentFormat.TelegrafJson), ("collectd_json", AgentFormat.CollectdJson), ("collectd_graphite", AgentFormat.CollectdGraphite),
        ];
        // What they remember of one record must not change the next.
        Dictionary<AgentFormat, IPointDecoder> used = Enum.GetValues<AgentFormat>().ToDictionary(f => f, f => AgentFormats.Decoder(f));
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
                string decoded = Decoded(AgentFormats.Decoder(format), mutated);
                Assert.Equal(decoded, Decoded(used[format], mutated));
                if (format == AgentFormat.OtlpProto) Assert.Equal(decoded, Decoded(new GeneratedDecoder(), mutated));
            }
        }, iter: 2000, threads: 1, seed: "0000KMi7wfi3");
    }

    /// <summary>The points, or that there are none to be had.</summary>
    private static string Decoded(IPointDecoder decoder, byte[] record)
    {
        List<MetricPoint> points = [];
        try
        {
            decoder.Decode(record, RecordMs, points);
        }
        catch (BadRecordException e)
        {
            Assert.NotEmpty(e.Message);
            return "refused";
        }
        return string.Join('\n', points.Select(p => PointJson.Write(p, p.Series.Host, 0)));
    }

    private static List<MetricPoint> Decode(AgentFormat format, string text)
    {
        List<MetricPoint> points = [];
        AgentFormats.Decoder(format).Decode(Encoding.UTF8.GetBytes(text), RecordMs, points);
        return points;
    }

    /// <summary>OTLP by Google.Protobuf's classes: what the quick way is held against.</summary>
    private sealed class GeneratedDecoder : IPointDecoder
    {
        public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
        {
            try
            {
                OtlpPoints.Add(MetricsData.Parser.ParseFrom(value), points);
            }
            catch (InvalidProtocolBufferException e)
            {
                throw new BadRecordException(e.Message, e);
            }
        }
    }
}
