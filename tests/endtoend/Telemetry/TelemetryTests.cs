using Google.Protobuf;
using Pipeline.Infra.Kafka;
using Pipeline.Ingest.Replay;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.EndToEnd.Telemetry;

/// <summary>What the services export, as a collector gets it.</summary>
public sealed class TelemetryTests(KafkaCluster cluster) : IClassFixture<KafkaCluster>
{
    private const int Calls = 20;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2), Look = TimeSpan.FromMilliseconds(100);

    [KafkaFact]
    public async Task Traces_lead_from_reports_to_predictions_and_from_invocations_to_dispatches_and_are_linked()
    {
        await TopicSetup.EnsureAsync(cluster.Connection);
        await using Collector collector = new();
        await using ServiceProcess processors = Start(collector, "processors");
        await using ServiceProcess predictor = Start(collector, "predictor", "serve");
        List<ServiceProcess> services = [processors, predictor];
        await ReplayAsync(collector, "--only", "metrics");
        await UntilAsync(services, () => Named(collector, "process graph.snapshots").Count >= 10);

        // It reads the predictions before it answers: those that are committed, which the spans do not say.
        await UntilAsync(services, () => CommittedRecords.Read(cluster.Connection, Topics.VmPredictions.Name).Count() >= 10);
        await using ServiceProcess dispatcher = Start(collector, "dispatcher", "serve");
        await using ServiceProcess workers = Start(collector, "dispatcher", "workers", "--fleet", CommittedTraces.Fleet.FullName, "--functions", CommittedTraces.Functions.FullName);
        services.AddRange([dispatcher, workers]);
        await ReplayAsync(collector, "--only", "invocations", "--invocations", $"{Calls}", "--invocations-after", "0");
        await UntilAsync(services, () => Named(collector, "process function.dispatches").Count == Calls && collector.Metrics.Contains(("dispatcher", "stream.records.in")));

        Dictionary<ByteString, Span> byId = collector.Spans.ToDictionary(s => s.SpanId);
        Assert.All(Named(collector, "process graph.snapshots"), s => Assert.Equal(["process graph.snapshots", "process vm.metrics", "report"], Path(s, byId)));
        Assert.All(Named(collector, "process function.dispatches"), s => Assert.Equal(["process function.dispatches", "process function.invocations", "invocation"], Path(s, byId)));
        HashSet<ByteString> predicted = [.. Named(collector, "process graph.snapshots").Select(s => s.TraceId)];
        Assert.All(Named(collector, "process function.invocations"), s => Assert.Contains(Assert.Single(s.Links).TraceId, predicted));
        Assert.Contains(("processors", "stream.lag"), collector.Metrics);
        Assert.Contains(("predictor", "stream.transactions"), collector.Metrics);
    }

    private static List<Span> Named(Collector collector, string name) => [.. collector.Spans.Where(s => s.Name == name)];

    /// <summary>Names from a span up to its root.</summary>
    private static List<string> Path(Span span, Dictionary<ByteString, Span> byId)
    {
        List<string> names = [span.Name];
        while (!span.ParentSpanId.IsEmpty)
        {
            span = byId[span.ParentSpanId];
            names.Add(span.Name);
        }
        return names;
    }

    private static Dictionary<string, string> Exporting(Collector collector) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    private ServiceProcess Start(Collector collector, string room, params string[] arguments) =>
        ServiceProcess.Start(Exporting(collector), room, [.. arguments, "--kafka", cluster.Connection.BootstrapServers]);

    private async Task ReplayAsync(Collector collector, params string[] what)
    {
        await using ServiceProcess replay = Start(collector, "ingest", ["replay", "--day", "10", "--hours", "1", "--vms", "5", "--cells", "1", .. what]);
        await replay.ExitAsync(Timeout);
        Assert.Contains("reports_sent=", replay.Output, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(List<ServiceProcess> services, Func<bool> reached)
    {
        using CancellationTokenSource stop = new(Timeout);
        while (!reached())
        {
            foreach (ServiceProcess service in services) service.AssertRunning();
            await Task.Delay(Look, stop.Token);
        }
    }
}
