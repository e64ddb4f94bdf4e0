using Microsoft.Extensions.Logging;
using Pipeline.Dispatcher.Service;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Local.Audit;
using Pipeline.Local.View;
using Pipeline.Predictor.Service;
using Pipeline.Processors.Service;
using Pipeline.Processors.Store;
using Pipeline.Processors.Windows;

namespace Pipeline.Local;

/// <summary>The whole pipeline in one process: agents and a gateway that play traces, the services, simulated workers, and an audit of all topics.</summary>
public sealed class LocalRun(LocalOptions options, KafkaConnection kafka, LocalStore store, ILoggerFactory log, TimeProvider time)
{
    public KafkaConnection Kafka => kafka;

    /// <summary>The replay is held back when predictions are so many slots behind: two are needed to close the first step.</summary>
    private const int SlotsAheadMax = 2;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    /// <summary>A pipeline that answers nothing for so long is not held back for any longer: what is wrong shows in the summary.</summary>
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(10);

    /// <summary>Joining a group takes a few seconds on a real cluster.</summary>
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(500);

    private readonly long started = time.GetTimestamp();
    private bool gaveUp;

    /// <summary>Plays the day, waits until everything has come to rest, and reports; then goes on until cancelled, if it is to.</summary>
    /// <param name="show">Draws the live view until the task that it gets is done.</param>
    /// <param name="report">Takes the audit and the sum of the day.</param>
    /// <param name="cancel">Ends the run.</param>
    public async Task RunAsync(Func<Func<RunFigures>, Task, Task> show, Action<TopicAudit, Summary> report, CancellationToken cancel)
    {
        FleetTrace fleet = FleetTrace.Load(CommittedTraces.Fleet);
        fleet = fleet with { Vms = [.. fleet.Vms.Select(v => options.Prefix + v)] };
        FunctionTrace functions = FunctionTrace.Load(CommittedTraces.Functions);
        functions = functions with { Functions = [.. functions.Functions.Select(f => f with { Name = options.Prefix + f.Name })] };
        await TopicSetup.EnsureAsync(kafka, cancel);
        using AuditReader audit = new(new ConfluentClients(kafka, log));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        StreamService[] services = Services(fleet, functions);
        TimeSeriesWriter writer = new(new ConfluentClients(kafka, log), store.Sink, new TimeSeriesWriterOptions { Group = options.Prefix + "timeseries-writer", BatchInterval = BatchInterval }, log, time);
        Task[] running = [audit.RunAsync(stop.Token), writer.RunAsync(stop.Token), .. services.Select(s => s.RunAsync(stop.Token))];
        ReplayOptions replayed = Replay();
        TracePlayer player = new(fleet, functions, replayed);
        ReplayService replay = new(kafka, replayed, player, log, time) { BeforeInterval = (slot, token) => HoldAsync(audit, player, slot, token) };
        Task done = PlayAsync(audit, services, writer, replay, running, stop.Token);
        await show(() => Figures(audit, services, writer, replay, player), done);
        await done;
        TimeSpan elapsed = time.GetElapsedTime(started);
        long stored = await store.CountAsync(cancel);
        audit.Look(a =>
        {
            report(a, Summary.Of(a, replay.ReportsSent, replay.InvocationsSent, stored, elapsed));
            return true;
        });
        if (options.Serve) await Task.WhenAny([Task.Delay(Timeout.InfiniteTimeSpan, time, cancel), .. running]);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        foreach (StreamService service in services) service.Dispose();
    }

    private StreamService[] Services(FleetTrace fleet, FunctionTrace functions)
    {
        StreamOptions throughput = new(), latency = new() { CommitInterval = TimeSpan.Zero };
        return
        [
            Service(StepTopology.Create(new StepOptions { Seed = options.Seed }), throughput with { CommitInterval = TimeSpan.FromMilliseconds(20) }),
            Service(PredictorTopology.Create(new PredictorOptions()), latency),
            Service(DispatcherTopology.Create(new DispatcherOptions { Seed = (ulong)options.Seed }), latency),
            Service(WorkerTopology.Create(fleet, functions, new WorkerOptions { Seed = (ulong)options.Seed }), latency),
        ];

        StreamService Service(Topology topology, StreamOptions stream) => new(topology, kafka, stream, log, time);
    }

    private ReplayOptions Replay() => new()
    {
        Vms = options.Vms,
        Cells = options.Cells,
        CellPrefix = options.Prefix + "cell-",
        Hours = options.Hours,
        StartSlot = options.StartSlot,
        Invocations = options.Invocations,
        // Calls begin when there are predictions to dispatch them by.
        InvocationsAfter = TimeSpan.FromMinutes(15),
        Speed = options.Speed,
        Seed = options.Seed,
    };

    private async Task PlayAsync(AuditReader audit, StreamService[] services, TimeSeriesWriter writer, ReplayService replay, Task[] running, CancellationToken cancel)
    {
        Task ended = Task.WhenAny(running);
        long asked = time.GetTimestamp();
        while (services.Any(s => s.Status.Partitions == 0) && !ended.IsCompleted && time.GetElapsedTime(asked) < StartMax) await Task.Delay(Look, time, cancel);
        if (ended.IsCompleted) await await Task.WhenAny(running);
        await replay.RunAsync(cancel);
        await new Settling(audit, time).WaitAsync(replay.ReportsSent, replay.InvocationsSent, a => writer.PointsStored >= a.Points.Distinct, () => writer.PointsStored, cancel);
    }

    /// <summary>Holds the replay back while predictions are far behind it.</summary>
    private async ValueTask HoldAsync(AuditReader audit, TracePlayer player, long slotUnixMs, CancellationToken cancel)
    {
        long wanted = slotUnixMs - (SlotsAheadMax * player.IntervalMs);
        if (wanted < player.StartUnixMs + player.IntervalMs) return; // nothing can be predicted yet
        long asked = time.GetTimestamp();
        while (!gaveUp && audit.Look(a => a.Predictions.NewestUnixMs) < wanted)
        {
            gaveUp = time.GetElapsedTime(asked) >= HoldMax;
            await Task.Delay(Look, time, cancel);
        }
    }

    private RunFigures Figures(AuditReader audit, StreamService[] services, TimeSeriesWriter writer, ReplayService replay, TracePlayer player)
    {
        long at = Math.Max(replay.EventTimeUnixMs, player.StartUnixMs);
        return audit.Look(a => new RunFigures
        {
            EventTime = DateTimeOffset.FromUnixTimeMilliseconds(at),
            Progress = (at - player.StartUnixMs) / (double)(player.EndUnixMs - player.StartUnixMs),
            Elapsed = time.GetElapsedTime(started),
            Reports = replay.ReportsSent,
            Steps = a.Fleet.Steps,
            Snapshots = a.Snapshots.Whole,
            Communities = a.CommunityCount,
            VmPredictions = a.VmPredictions,
            FreeShare = a.FreeShare,
            Invocations = replay.InvocationsSent,
            Dispatched = a.Calls.Dispatched,
            Rejected = a.Calls.Rejected,
            Completed = a.Calls.Completed,
            ColdStarts = a.Calls.ColdStarts,
            DeadLetters = a.DeadLetters,
            Points = writer.PointsStored,
            Services = [.. services.Select(s => (s.Topology.Name, s.Status.Lag, s.Status.Restarts))],
        });
    }
}
