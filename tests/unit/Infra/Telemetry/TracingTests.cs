using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Dispatcher.Service;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Predictor.Service;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Unit.Infra.Telemetry;

public sealed class TracingTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly SimulatedKafka kafka;
    private readonly StreamStatus status = new("traced");
    private readonly List<Activity> spans = [];

    public TracingTests() => kafka = SimulatedKafka.WithCatalogue(time);

    public void Dispose() => status.Dispose();

    [Fact]
    public void One_trace_leads_from_the_report_that_closes_a_step_to_its_prediction()
    {
        HashSet<string> reports = [];
        using ActivityListener listener = Listen();
        Play(() =>
        {
            string parent = NewParent();
            reports.Add(parent.Split('-')[1]);
            return parent;
        });
        Dictionary<long, string> steps = Traces(Topics.VmSteps, s => s.StepEndUnixMs), snapshots = Traces(Topics.GraphSnapshots, s => s.StepEndUnixMs), predictions = Traces(Topics.VmPredictions, s => s.StepEndUnixMs);
        Assert.NotEmpty(predictions);
        Assert.All(predictions, p => Assert.Contains(p.Value, reports));
        Assert.Equal(steps, snapshots);
        Assert.Equal(snapshots, predictions);
        Activity[] scoring = [.. spans.Where(s => s.OperationName == "process graph.snapshots")];
        Assert.Equal(predictions.Values.Order(), scoring.Select(s => s.TraceId.ToHexString()).Order());
        Assert.All(scoring, s => Assert.Contains(spans, p => p.SpanId == s.ParentSpanId && p.OperationName == "process vm.metrics"));
    }

    [Fact]
    public void A_dispatch_is_in_the_trace_of_its_invocation_and_linked_to_that_of_its_prediction()
    {
        using ActivityListener listener = Listen();
        Play(NewParent);
        HashSet<string> predictions = [.. Traces(Topics.VmPredictions, p => p.StepEndUnixMs).Values];
        long now = kafka.Records(Topics.VmPredictions.Name).Max(r => PredictionChunk.Parser.ParseFrom(r.Value).StepEndUnixMs);
        string parent = NewParent();
        Append(Topics.FunctionInvocations, "f", new Invocation { Id = "call", Function = "f", Tenant = "t", TimeUnixMs = now, MemoryBytes = 1 << 20 }, parent, now);
        Run(DispatcherTopology.Create(new DispatcherOptions()));
        Activity routing = Assert.Single(spans, s => s.OperationName == "process function.invocations");
        Assert.Equal(parent.Split('-')[1], routing.TraceId.ToHexString());
        Assert.Contains(Assert.Single(routing.Links).Context.TraceId.ToHexString(), predictions);
        StreamRecord dispatch = Assert.Single(kafka.Records(Topics.FunctionDispatches.Name));
        Assert.Equal(routing.SpanId, Tracing.ContextOf(dispatch.Headers).SpanId);
    }

    [Fact]
    public void Without_a_traceparent_and_without_a_sampler_that_wants_it_nothing_is_traced()
    {
        using ActivityListener listener = Listen();
        Play(() => null);
        Assert.NotEmpty(kafka.Records(Topics.VmPredictions.Name));
        Assert.All(kafka.PartitionsOf(Topics.VmPredictions.Name).SelectMany(p => kafka[p].Log), r => Assert.Empty(r.Headers));
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false)]
    public void Headers_name_the_span_within_which_a_record_was_written(string parent, bool sampled)
    {
        ActivityContext context = Tracing.ContextOf(new ListedHeaders([new("traceparent", Encoding.ASCII.GetBytes(parent)), new("tracestate", "a=b"u8.ToArray())]));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", context.TraceId.ToHexString());
        Assert.Equal(sampled, context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded));
        Assert.Equal("a=b", context.TraceState);
        Assert.True(context.IsRemote);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("no trace")]
    public void Headers_that_make_no_sense_are_passed_over(string parent) =>
        Assert.Equal(default, Tracing.ContextOf(new ListedHeaders([new("traceparent", Encoding.ASCII.GetBytes(parent))])));

    [Fact]
    public void The_last_header_of_a_name_counts()
    {
        ListedHeaders headers = new([new("a", [1]), new("a", [2]), new("b", [3])]);
        Assert.True(headers.TryGet("a", out byte[] value));
        Assert.Equal([2], value);
        Assert.False(headers.TryGet("c", out _));
    }

    /// <summary>Takes what belongs to a sampled trace and nothing else: other tests run beside this one.</summary>
    private ActivityListener Listen()
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "Pipeline.Streaming",
            Sample = (ref ActivityCreationOptions<ActivityContext> o) => o.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private void Play(Func<string?> traceparent)
    {
        FleetTrace fleet = FleetTrace.Load(CommittedTraces.Fleet);
        TracePlayer player = new(fleet, null, new ReplayOptions { Vms = 5, Cells = 1, Hours = 1, StartSlot = 9 * 288 });
        time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(player.StartUnixMs));
        foreach (TraceEvent e in player.Play()) Append(e.Topic, e.Key, e.Value, traceparent(), e.TimeUnixMs);
        Run(StepTopology.Create(new StepOptions()));
        Run(PredictorTopology.Create(new PredictorOptions()));
    }

    private void Append(TopicSpec topic, string key, IMessage value, string? traceparent, long timeUnixMs)
    {
        byte[] keyBytes = Encoding.UTF8.GetBytes(key);
        KeyValuePair<string, byte[]>[] headers = traceparent is { } parent ? [new(Tracing.TraceParent, Encoding.ASCII.GetBytes(parent))] : [];
        kafka[kafka.PartitionFor(topic.Name, null, keyBytes)].Append(new SimulatedRecord { Key = keyBytes, Value = value.ToByteArray(), Headers = headers, TimestampUnixMs = timeUnixMs });
    }

    private static string NewParent() => $"00-{ActivityTraceId.CreateRandom().ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-01";

    private void Run(Topology topology)
    {
        using StreamLoop loop = new(topology, new SimulatedClients(kafka), new StreamOptions(), status, NullLogger.Instance, time);
        for (long before = -1; before != status.Input || before == 0;)
        {
            before = status.Input;
            for (int i = 0; i < 100; i++) loop.Step(TimeSpan.Zero);
        }
        loop.Commit();
    }

    /// <summary>By step end, the trace that the records of a topic are in.</summary>
    private Dictionary<long, string> Traces<T>(TopicSpec<T> topic, Func<T, long> stepEnd)
        where T : IMessage<T> =>
        kafka.PartitionsOf(topic.Name).SelectMany(p => kafka[p].Log).Where(r => !r.IsMarker).ToDictionary(
            r => stepEnd(topic.Parser.ParseFrom(r.Value)),
            r => Tracing.ContextOf(new ListedHeaders(r.Headers)).TraceId.ToHexString());
}
