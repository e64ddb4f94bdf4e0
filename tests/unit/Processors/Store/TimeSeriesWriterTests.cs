using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.TimeSeries;
using Pipeline.Processors.Store;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Processors.Store;

public sealed class TimeSeriesWriterTests : IDisposable
{
    private const uint StepMs = 300_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(Samples.Time)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(10) };
    /// <summary>A writer that does not tell how it does: time runs on while a test waits.</summary>
    private static readonly TimeSeriesWriterOptions Quiet = new() { HealthInterval = TimeSpan.Zero };

    private readonly CancellationTokenSource stop = new(Timeout);
    private readonly SimulatedKafka kafka;

    public TimeSeriesWriterTests() => kafka = SimulatedKafka.WithCatalogue(time);

    public void Dispose() => stop.Dispose();

    [Fact]
    public async Task Offsets_are_committed_only_behind_the_stores_acknowledgement()
    {
        Send(3);
        Sink sink = new(points => throw new SinkException("away", refused: false));
        await RunAsync(sink, until: writer => writer.Retries > 0);
        Assert.All(kafka.PartitionsOf(Topics.FunctionCompletions.Name), p => Assert.Null(kafka.Group("timeseries-writer").Committed(p)));
        Sink back = new(_ => []);
        TimeSeriesWriter writer = await RunAsync(back, until: w => w.PointsStored == 3);
        Assert.Equal(3, back.Points.Count);
        Assert.Equal(3, kafka.PartitionsOf(Topics.FunctionCompletions.Name).Sum(p => kafka.Group("timeseries-writer").Committed(p) ?? 0));
        Assert.Equal(0, writer.Rejected);
    }

    [Fact]
    public async Task A_point_that_the_store_refuses_goes_to_the_dead_letters_with_the_stores_words()
    {
        Send(2);
        Sink sink = new(points => [new RejectedPoint(1, points[1], "field type conflict")]);
        TimeSeriesWriter writer = await RunAsync(sink, until: w => w.PointsStored == 1);
        SimulatedRecord letter = Assert.Single(kafka.PartitionsOf(Topics.FunctionCompletions.DeadLetterName).SelectMany(p => kafka[p].Log), r => !r.IsMarker);
        Assert.Equal("point function_completion: field type conflict", System.Text.Encoding.UTF8.GetString(letter.Headers.Single(h => h.Key == DeadLetterHeaders.Reason).Value));
        Assert.Equal(1, writer.Rejected);
    }

    [Fact]
    public async Task Predictions_that_wait_find_their_outcome_after_a_restart()
    {
        Send(Topics.VmPredictions, new PredictionChunk
        {
            Cell = "cell-0",
            StepEndUnixMs = StepEnd(0),
            StepMs = StepMs,
            Chunks = 1,
            Model = "m",
            Vm = { "vm-1" },
            Cores = { 4 },
            MemoryBytes = { 1UL << 30 },
            HorizonS = { 300, 900 },
            Level = { .5f, .95f },
            PeakQuantile = { .4f, .6f, .5f, .8f },
            BusyProbability = { .2f, .5f },
            CpuUtilization = { .3f },
            AgeS = { 0 },
            Community = { 0 },
        });
        SendStep(1);
        SendStep(2);
        Sink sink = new(_ => []);
        TimeSeriesWriter first = await RunAsync(sink, until: w => w.PointsStored == 5);
        Assert.Equal(0, first.OutcomesStored);
        SendStep(3);
        TimeSeriesWriter second = await RunAsync(sink, until: w => w.OutcomesStored == 1);
        // The step and its cell, once: what was read again is not stored again.
        Assert.Equal((2, 0L), (second.PointsStored, second.OutcomesMissed));
        Assert.Equal(StepEnd(0) * 1_000_000, Assert.Single(sink.Points, p => p.Measurement == "prediction_outcome").TimeUnixNs);
    }

    [Fact]
    public async Task Reports_are_stored_where_that_is_asked_for_and_not_else()
    {
        VmReport report = new() { Vm = "vm-1", Cell = "cell-0", TimeUnixMs = Samples.Time, IntervalMs = 10_000, Sequence = 3, Cores = 4, MemoryBytes = 1 << 30, Own = new Signals { CpuUtilization = .25f } };
        Send(Topics.VmMetrics, new VmReports { Reports = { report } });
        Send(1);
        Sink sink = new(_ => []);
        await RunAsync(sink, w => w.PointsStored == 1);
        Assert.Equal("function_completion", Assert.Single(sink.Points).Measurement);
        await RunAsync(sink, w => w.PointsStored == 2, Quiet with { Group = "raw-too", RawSamples = true });
        Point sample = sink.Points.Single(p => p.Measurement == "vm_sample");
        Assert.Equal((Samples.Time * 1_000_000, .25, 3.0, 3L), (sample.TimeUnixNs, sample.Fields.Single(f => f.Key == "cpu").AsFloat, sample.Fields.Single(f => f.Key == "free_cores").AsFloat, sample.Fields.Single(f => f.Key == "sequence").AsInteger));
    }

    [Fact]
    public async Task The_writer_tells_in_the_store_how_it_does()
    {
        Send(3);
        bool told = false;
        Sink sink = new(points =>
        {
            told |= points.Any(p => p.Measurement == "pipeline_health");
            return [];
        });
        await RunAsync(sink, _ => told, new TimeSeriesWriterOptions { HealthInterval = TimeSpan.FromSeconds(5) });
        Point health = sink.Points.First(p => p.Measurement == "pipeline_health");
        Assert.Equal(["timeseries-writer", "0"], health.Tags.Select(t => t.Value));
        Assert.Equal((3L, 0L), (health.Fields.Single(f => f.Key == "points_stored").AsInteger, health.Fields.Single(f => f.Key == "rejected").AsInteger));
    }

    private static long StepEnd(int step) => (Samples.Time / StepMs * StepMs) + (step * (long)StepMs);

    private async Task<TimeSeriesWriter> RunAsync(Sink sink, Func<TimeSeriesWriter, bool> until, TimeSeriesWriterOptions? options = null)
    {
        TimeSeriesWriter writer = new(new SimulatedClients(kafka), sink, options ?? Quiet, NullLoggerFactory.Instance, time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        Task run = writer.RunAsync(end.Token);
        while (!until(writer) && !run.IsCompleted && !stop.IsCancellationRequested) await Task.Yield();
        await end.CancelAsync();
        await run;
        Assert.False(stop.IsCancellationRequested);
        return writer;
    }

    private void SendStep(int step) =>
        Send(Topics.VmSteps, new StepChunk { Cell = "cell-0", StepEndUnixMs = StepEnd(step), StepMs = StepMs, Chunks = 1, Vms = { new VmStep { Vm = "vm-1", Cores = 4, MemoryBytes = 1 << 30, Reports = 1, Completeness = 1, Own = new Signals { CpuUtilization = .5f } } } });

    private void Send<T>(TopicSpec<T> topic, T value)
        where T : IMessage<T> => kafka.Append(topic.Name, "cell-0"u8.ToArray(), value.ToByteArray());

    private void Send(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Completion value = new() { InvocationId = $"f-{i}", Function = "f", Tenant = "t", Vm = "v", TimeUnixMs = Samples.Time, Outcome = Completion.Types.Outcome.Succeeded };
            kafka.Append(Topics.FunctionCompletions.Name, "f"u8.ToArray(), value.ToByteArray());
        }
    }

    private sealed class Sink(Func<IReadOnlyList<Point>, IReadOnlyList<RejectedPoint>> answer) : ITimeSeriesSink
    {
        public List<Point> Points { get; } = [];

        public Task<WriteResult> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancel)
        {
            IReadOnlyList<RejectedPoint> rejected = answer(points);
            Points.AddRange(points);
            return Task.FromResult(new WriteResult(points.Count - rejected.Count, rejected, 0));
        }
    }
}
