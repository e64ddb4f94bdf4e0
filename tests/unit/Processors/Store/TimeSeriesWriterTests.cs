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
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(Samples.Time)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(10) };
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

    private async Task<TimeSeriesWriter> RunAsync(Sink sink, Func<TimeSeriesWriter, bool> until)
    {
        TimeSeriesWriter writer = new(new SimulatedClients(kafka), sink, new TimeSeriesWriterOptions(), NullLoggerFactory.Instance, time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        Task run = writer.RunAsync(end.Token);
        while (!until(writer) && !run.IsCompleted && !stop.IsCancellationRequested) await Task.Yield();
        await end.CancelAsync();
        await run;
        Assert.False(stop.IsCancellationRequested);
        return writer;
    }

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
