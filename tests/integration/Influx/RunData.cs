using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Influx;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.TimeSeries;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Processors.Store;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>What the store gets of a run of the whole pipeline over seven hours of a committed trace.</summary>
internal sealed class RunData
{
    private static readonly Lazy<RunData> Once = new(() => new RunData());

    private RunData()
    {
        FleetTrace fleet = FleetTrace.Load(CommittedTraces.Fleet);
        FunctionTrace functions = FunctionTrace.Load(CommittedTraces.Functions);
        // Some calls come before the first VM is known, so that there are rejections.
        TracePlayer player = new(fleet, functions, new ReplayOptions { Vms = 30, Cells = 2, Hours = 7, StartSlot = 9 * 288, Invocations = 1500, InvocationsAfter = TimeSpan.Zero });
        using SimulatedPipeline pipeline = new(fleet, functions, DateTimeOffset.FromUnixTimeMilliseconds(player.StartUnixMs), seed: 1);
        pipeline.Play(player);
        List<Point> points = [];
        PredictionOutcomes outcomes = new();
        foreach (TopicSpec topic in PointMapper.Stored)
        {
            foreach (StreamRecord record in pipeline.Kafka.Records(topic.Name)) Assert.Null(PointMapper.Map(record, points, outcomes));
        }
        points.AddRange(HealthOfWriter(pipeline.Kafka, DateTimeOffset.FromUnixTimeMilliseconds(player.StartUnixMs)));
        // As the store does: of points of one identity the last counts.
        Points = [.. points.Reverse<Point>().DistinctBy(p => (p.Measurement, string.Join(',', p.Tags), p.TimeUnixNs)).Reverse()];
        From = DateTimeOffset.FromUnixTimeMilliseconds(player.StartUnixMs);
        long last = Points.Max(p => p.TimeUnixNs) / 1_000_000;
        To = DateTimeOffset.FromUnixTimeMilliseconds((last / 3_600_000 * 3_600_000) + 3_600_000);
    }

    public static RunData Instance => Once.Value;

    public IReadOnlyList<Point> Points { get; }

    /// <summary>The hour in which the run begins.</summary>
    public DateTimeOffset From { get; }

    /// <summary>The hour behind its end: now, for questions.</summary>
    public DateTimeOffset To { get; }

    /// <summary>What a time-series writer says of itself, every minute of its clock, while it reads the run's topics and for a while after.</summary>
    private static List<Point> HealthOfWriter(SimulatedKafka kafka, DateTimeOffset start)
    {
        FakeTimeProvider time = new(start) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(100) };
        using CancellationTokenSource end = new();
        HealthSink sink = new(end);
        new TimeSeriesWriter(new SimulatedClients(kafka), sink, new TimeSeriesWriterOptions(), NullLoggerFactory.Instance, time).RunAsync(end.Token).GetAwaiter().GetResult();
        return sink.Points;
    }

    public async Task WriteAsync(InfluxClient client)
    {
        WriteResult result = await client.WriteAsync(Points, CancellationToken.None);
        Assert.Empty(result.Rejected);
        Assert.Equal(Points.Count, result.Stored);
    }

    /// <summary>Points of a measurement with a time in (now - back, now].</summary>
    public IEnumerable<Point> Of(string measurement, TimeSpan back)
    {
        long to = To.ToUnixTimeMilliseconds() * 1_000_000, from = to - (back.Ticks * 100);
        return Points.Where(p => p.Measurement == measurement && p.TimeUnixNs > from && p.TimeUnixNs <= to);
    }

    private sealed class HealthSink(CancellationTokenSource end) : ITimeSeriesSink
    {
        private const int Wanted = 60;

        public List<Point> Points { get; } = [];

        public async Task<WriteResult> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancel)
        {
            Points.AddRange(points.Where(p => p.Measurement == "pipeline_health"));
            if (Points.Count >= Wanted) await end.CancelAsync();
            return new WriteResult(points.Count, [], 0);
        }
    }
}
