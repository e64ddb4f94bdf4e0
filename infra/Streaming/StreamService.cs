using Microsoft.Extensions.Logging;
using Pipeline.Infra.Kafka;

namespace Pipeline.Infra.Streaming;

/// <summary>Runs a topology against a Kafka cluster until it is cancelled: one <see cref="StreamLoop"/> after the other.</summary>
public sealed class StreamService : IDisposable
{
    /// <summary>How long a step may wait for records, and so how long a cancellation may go unseen.</summary>
    private static readonly TimeSpan StepWait = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly IStreamClients clients;
    private readonly StreamOptions options;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly LimitWatch watch;

    public StreamService(Topology topology, KafkaConnection kafka, StreamOptions options, ILoggerFactory log, TimeProvider time)
        : this(topology, reached => new ConfluentClients(kafka, log, options.Limits, reached), options, log, time)
    {
    }

    public StreamService(Topology topology, IStreamClients clients, StreamOptions options, ILoggerFactory log, TimeProvider time)
        : this(topology, _ => clients, options, log, time)
    {
    }

    private StreamService(Topology topology, Func<Action<StreamLimit, Func<string>>, IStreamClients> open, StreamOptions options, ILoggerFactory log, TimeProvider time)
    {
        Topology = topology;
        this.options = options;
        this.log = log.CreateLogger("Pipeline." + topology.Name);
        this.time = time;
        Status = new StreamStatus(topology.Name);
        watch = new LimitWatch(Status, this.log, time);
        clients = open(watch.Reached);
    }

    public Topology Topology { get; }

    public StreamStatus Status { get; }

    /// <summary>
    /// Runs until cancelled, then ends within seconds: a wait or a restore ends at once, a call into the client under way is given two
    /// seconds, the open transaction is committed, or else aborted by us or by the next life.
    /// A client that fails ends a loop and starts another; a processor that throws ends the service.
    /// </summary>
    public Task RunAsync(CancellationToken cancel) =>
        Task.Factory.StartNew(() => Run(cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose() => Status.Dispose();

    private void Run(CancellationToken cancel)
    {
        IStreamClients own = clients.Until(cancel);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                using StreamLoop loop = new(Topology, own, options, Status, log, time, watch, cancel);
                while (!cancel.IsCancellationRequested) loop.Step(StepWait);
                loop.Commit();
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // In the middle of a restore: nothing was answered yet, and what was open of other partitions is aborted.
                return;
            }
            catch (StreamClientException e)
            {
                Status.Progress.SetReady(false);
                if (cancel.IsCancellationRequested) return;
                Status.CountRestart(e.Reason);
                log.LogWarning("{Service} starts again with empty state ({Kind}): {Reason}", Topology.Name, RestartReasons.NameOf(e.Reason), e.Message);
                using ManualResetEventSlim delay = new();
                using ITimer timer = time.CreateTimer(_ => delay.Set(), null, RestartDelay, Timeout.InfiniteTimeSpan);
                WaitHandle.WaitAny([delay.WaitHandle, cancel.WaitHandle]);
            }
        }
    }
}
