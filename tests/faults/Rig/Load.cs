using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>The committed traces, played until it is enough: 116 VMs in four cells, five minutes of event time a second, 60 calls a second.</summary>
internal sealed class Load
{
    private const double Speed = 300, CallsPerSecond = 60, Hours = 239;

    private readonly ReplayService replay;
    private readonly TracePlayer player;
    private readonly FleetTrace fleet;
    private volatile bool enough;

    public Load(KafkaConnection kafka, int seed)
    {
        fleet = FleetTrace.Load(CommittedTraces.Fleet);
        ReplayOptions options = new()
        {
            Cells = 4,
            Hours = Hours,
            Interval = TimeSpan.FromMinutes(1),
            Speed = Speed,
            Invocations = (int)(Hours * 3600 / Speed * CallsPerSecond),
            Seed = seed,
        };
        player = new TracePlayer(fleet, FunctionTrace.Load(CommittedTraces.Functions), options);
        replay = new ReplayService(kafka, options, player, NullLoggerFactory.Instance, TimeProvider.System) { BeforeInterval = StopWhenEnough };
    }

    /// <summary>Reports that the cluster has acknowledged.</summary>
    public long Reports => replay.ReportsSent;

    public long Invocations => replay.InvocationsSent;

    /// <summary>Plays until stopped; everything that was sent is then acknowledged.</summary>
    /// <exception cref="Infra.CommandLine.UserException">The trace was over too soon, or the cluster did not take a record.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await replay.RunAsync(cancel);
        }
        catch (EnoughException)
        {
            // All reports of the last slot are sent, so that its step can close.
        }
    }

    /// <summary>No more after this slot.</summary>
    public void Stop() => enough = true;

    private ValueTask StopWhenEnough(long intervalStart, CancellationToken cancel) =>
        enough && (intervalStart - player.StartUnixMs) % fleet.SlotMs == 0 ? throw new EnoughException() : ValueTask.CompletedTask;

    private sealed class EnoughException : Exception;
}
