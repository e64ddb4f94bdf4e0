using System.Text.Json.Nodes;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Infra.Traces;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Ingest.Bridge;

/// <summary>What real agents sent, byte for byte, beside what other people's decoders found in it.</summary>
public sealed class CaptureTests
{
    [TraceDataFact("agents")]
    public void Every_capture_of_the_collector_as_protobuf_decodes_to_its_points() => Check("otelcol_otlp_proto", AgentFormat.OtlpProto);

    [TraceDataFact("agents")]
    public void Every_capture_of_the_collector_as_json_decodes_to_its_points() => Check("otelcol_otlp_json", AgentFormat.OtlpJson);

    [TraceDataFact("agents")]
    public void Every_capture_of_the_python_sdk_decodes_to_its_points() => Check("otel_python_proto", AgentFormat.OtlpProto);

    [TraceDataFact("agents")]
    public void Every_capture_of_telegraf_in_line_protocol_decodes_to_its_points() => Check("telegraf_influx", AgentFormat.TelegrafInflux);

    [TraceDataFact("agents")]
    public void Every_capture_of_telegraf_as_json_decodes_to_its_points() => Check("telegraf_json", AgentFormat.TelegrafJson);

    [TraceDataFact("agents")]
    public void Every_capture_of_collectd_as_json_decodes_to_its_points() => Check("collectd_json", AgentFormat.CollectdJson);

    [TraceDataFact("agents")]
    public void Every_capture_of_collectd_for_graphite_decodes_to_its_points() => Check("collectd_graphite", AgentFormat.CollectdGraphite);

    [TraceDataFact("agents")]
    public void Captures_give_reports_with_shares_cores_and_rates()
    {
        foreach ((string name, string host, int least) in new[] { ("otelcol_otlp_proto", "vm-a1", 20), ("otel_python_proto", "vm-a1", 10), ("telegraf_influx", "vm-a1", 2), ("telegraf_json", "vm-a1", 2), ("collectd_json", "vm-a1", 1), ("collectd_graphite", "vm-a1", 1) })
        {
            RecordedOutput output = new();
            BridgeProcessor processor = new(new BridgeOptions { CellAttribute = "dc" });
            foreach (StreamRecord record in Records(name)) processor.Process(record, output);
            processor.CloseAll(output);
            Assert.Empty(output.DeadLetters);
            VmReport[] reports = [.. output.Values(Topics.VmMetrics).SelectMany(v => v.Reports)];
            Assert.True(reports.Length >= least, $"{name}: {reports.Length} reports");
            Assert.All(reports, r => Assert.Equal(host, r.Vm));
            Assert.Equal(name.StartsWith("telegraf", StringComparison.Ordinal) ? "eu-1" : "cell-0", reports[0].Cell);
            Assert.Equal(2, reports[^1].Cores);
            Assert.Contains(reports, r => r.Own.CpuUtilization is > 0 and <= 1);
            Assert.Contains(reports, r => r.Own.MemoryUtilization is > .1f and < .9f);
            Assert.Contains(reports, r => r.MemoryBytes is > 20_000_000_000 and < 30_000_000_000);
            Assert.Equal(reports.Length, reports.Select(r => r.TimeUnixMs).Distinct().Count());
        }
    }

    private static void Check(string name, AgentFormat format)
    {
        JsonArray wanted = JsonNode.Parse(File.ReadAllText(Path.Combine(TraceDataFactAttribute.Folder("agents").FullName, name + ".expected.json")))!.AsArray();
        IPointDecoder decoder = AgentFormats.Decoder(format);
        List<string> found = [];
        int number = 0;
        foreach (StreamRecord record in Records(name))
        {
            Assert.Equal(format, AgentFormats.Detect(record.Value));
            List<MetricPoint> points = [];
            decoder.Decode(record.Value, record.TimestampUnixMs, points);
            found.AddRange(points.Select(p => PointJson.Write(p, HostNames.Of(p.Series, record), number)));
            number++;
        }
        Assert.Equal(wanted.Count, found.Count);
        for (int i = 0; i < found.Count; i++)
            Assert.True(JsonNode.DeepEquals(wanted[i], JsonNode.Parse(found[i])), $"point {i}: {found[i]}\nwanted: {wanted[i]!.ToJsonString()}");
    }

    private static IEnumerable<StreamRecord> Records(string name) => CaptureFile.Read(new FileInfo(Path.Combine(TraceDataFactAttribute.Folder("agents").FullName, name + ".jsonl")));
}
