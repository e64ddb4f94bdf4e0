using BenchmarkDotNet.Attributes;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Bridge.Otlp;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;
using Pipeline.Ingest.Replay.Foreign;

namespace Pipeline.Tests.Benchmarks.Bridge;

/// <summary>The Collector's OTLP, a request a report; figures are for one data point.</summary>
[MemoryDiagnoser]
public class OtlpNumbers
{
    /// <summary>Four a core, nine beside; 4, 8 and 16 cores.</summary>
    private const int PerThreeReports = (4 * (4 + 8 + 16)) + (3 * 9), Points = ForeignRecords.Vms / 3 * ForeignRecords.Rounds * PerThreeReports;

    private readonly OtlpProtoDecoder decoder = new();
    private readonly List<MetricPoint> points = [];
    private StreamRecord[] records = [];

    [GlobalSetup]
    public void Setup() => records = ForeignRecords.Make(new OtlpProtoFormat());

    /// <summary>Google.Protobuf's classes, of which nothing is made.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Points)]
    public int GeneratedClasses()
    {
        int count = 0;
        foreach (ref readonly StreamRecord record in records.AsSpan()) count += MetricsData.Parser.ParseFrom(record.Value).ResourceMetrics.Count;
        return count == records.Length ? count : throw new UserException($"{count} messages instead of {records.Length}");
    }

    [Benchmark(OperationsPerInvoke = Points)]
    public int Decoded() => ForeignRecords.Decode(records, decoder, points, Points);

    [Benchmark(OperationsPerInvoke = Points)]
    public long Reported() => ForeignRecords.Bridge(records, AgentFormat.OtlpProto);
}
