using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Streaming;
using Pipeline.Tests.Simulation.Faults;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Simulation.World;

/// <summary>
/// One process of a service: lives of the real loop, one after the other.
/// <code>
///             start           client fails: the same process starts again
///   waiting ─────────► alive ──────────────────────────────────────────────┐
///      ▲                 │ crash: a new process, nothing of the old is left │
///      └─────────────────┴──────────────────────────────────────────────────┘
/// </code>
/// </summary>
internal sealed class ServiceInstance(Func<Topology> create, StreamOptions options, FaultyClients clients, FaultInjector injector, SimulatedClock clock) : IDisposable
{
    private const int RestartMsMax = 100;

    private Topology topology = create();
    private StreamStatus status = new("simulated");
    private StreamLoop? loop;
    private long startsAtMs;

    /// <summary>It is in the middle of a call while others run.</summary>
    public bool IsStandingStill { get; private set; }

    public FaultInjector Injector => injector;

    public long Inputs { get; private set; }

    public int Crashes { get; private set; }

    public int Restarts { get; private set; }

    public bool IsAlive => loop is not null;

    /// <summary>Does one step of its life, if it can.</summary>
    /// <returns>Has it taken a record?</returns>
    public bool Step() => Live(() =>
    {
        loop ??= new StreamLoop(topology, clients, options, status, NullLogger.Instance, clock);
        loop.Step(TimeSpan.Zero);
    });

    public void Heartbeat() => clients.Heartbeat();

    /// <summary>Commits what is open.</summary>
    public void Commit() => Live(() => loop?.Commit());

    /// <summary>Ends orderly, as on SIGTERM, and comes back later.</summary>
    public void Leave() => Live(() =>
    {
        injector.Tell("leaves");
        loop?.Commit();
        End();
        startsAtMs = clock.ElapsedMs + injector.Next(RestartMsMax);
    });

    public void Dispose() => status.Dispose();

    private bool Live(Action act)
    {
        if (IsStandingStill || clock.ElapsedMs < startsAtMs) return false;
        IsStandingStill = true;
        long before = status.Input, polled = clients.Polled;
        try
        {
            act();
        }
        catch (StreamClientException e)
        {
            injector.Tell("starts again: " + e.Message);
            Restarts++;
            EndOrCrash();
        }
        catch (SimulatedCrashException e)
        {
            injector.Tell(e.Message);
            Crash();
        }
        finally
        {
            IsStandingStill = false;
        }
        Inputs += status.Input - before;
        return clients.Polled != polled;
    }

    private void EndOrCrash()
    {
        startsAtMs = clock.ElapsedMs + injector.Next(RestartMsMax);
        try
        {
            End();
        }
        catch (StreamClientException)
        {
            loop = null;
        }
        catch (SimulatedCrashException)
        {
            Crash();
        }
    }

    private void End()
    {
        loop?.Dispose();
        loop = null;
    }

    private void Crash()
    {
        Crashes++;
        clients.Crash();
        loop = null;
        topology = create();
        startsAtMs = clock.ElapsedMs + injector.Next(RestartMsMax);
    }
}
