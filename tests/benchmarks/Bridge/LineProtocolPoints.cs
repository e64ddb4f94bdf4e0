using BenchmarkDotNet.Attributes;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Bridge.LineProtocol;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Replay.Foreign;

namespace Pipeline.Tests.Benchmarks.Bridge;

/// <summary>Telegraf's line protocol, five lines a report; figures are for one point (a field of a line).</summary>
[MemoryDiagnoser]
public class LineProtocolPoints
{
    private const int PerReport = 15, Points = ForeignRecords.Vms * ForeignRecords.Rounds * PerReport;

    private readonly LineProtocolDecoder decoder = new();
    private readonly List<MetricPoint> points = [];
    private StreamRecord[] records = [];

    [GlobalSetup]
    public void Setup() => records = ForeignRecords.Make(new TelegrafInfluxFormat());

    [Benchmark(OperationsPerInvoke = Points)]
    public int Decoded() => ForeignRecords.Decode(records, decoder, points, Points);

    [Benchmark(OperationsPerInvoke = Points)]
    public long Reported() => ForeignRecords.Bridge(records, AgentFormat.TelegrafInflux);
}
