using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Telemetry;

/// <summary>What a service's loop says about itself at one moment; the fields of <c>/status</c>.</summary>
public sealed record ServiceHealth
{
    public required string Service { get; init; }

    /// <summary>The loop's thread has shown a sign of life lately.</summary>
    public required bool Live { get; init; }

    /// <summary>Seconds since that sign; null before the first.</summary>
    public required double? SecondsSinceAlive { get; init; }

    /// <summary>All assigned partitions are restored and the global topics read.</summary>
    public required bool Ready { get; init; }

    public required long Partitions { get; init; }

    /// <summary>Records waiting in the assigned partitions.</summary>
    public required long Lag { get; init; }

    public required RestoreHealth Restore { get; init; }

    public required CounterHealth Counters { get; init; }

    /// <summary>By reason.</summary>
    public required IReadOnlyDictionary<string, long> Restarts { get; init; }

    /// <summary>By limit, how often it was reached.</summary>
    public required IReadOnlyDictionary<string, long> LimitsReached { get; init; }

    /// <param name="status">Of the loop.</param>
    /// <param name="time">The loop's clock.</param>
    /// <param name="aliveWithin">A loop silent for longer hangs.</param>
    public static ServiceHealth Of(StreamStatus status, TimeProvider time, TimeSpan aliveWithin)
    {
        StreamProgress progress = status.Progress;
        long at = progress.AliveAt;
        TimeSpan? since = at == 0 ? null : time.GetElapsedTime(at);
        bool live = since is null || since < aliveWithin;
        return new ServiceHealth
        {
            Service = status.Service,
            // Who has not begun has nothing to hang in: connecting to the cluster is bounded, and its failure ends the program.
            Live = live,
            SecondsSinceAlive = since?.TotalSeconds,
            Ready = live && progress.IsReady,
            Partitions = status.Partitions,
            Lag = status.Lag,
            Restore = new RestoreHealth(progress.IsRestoring, progress.Restored, progress.RestoreTotal),
            Counters = new CounterHealth(status.Input, status.Output, status.DeadLetters, status.UnreadableGlobals, status.Transactions, progress.Lives),
            Restarts = RestartReasons.All.ToDictionary(RestartReasons.NameOf, status.RestartsBy),
            LimitsReached = StreamLimitNames.All.ToDictionary(StreamLimitNames.NameOf, status.LimitsReached),
        };
    }
}

/// <summary>The restore under way, or the last one.</summary>
/// <param name="Active">It is under way.</param>
/// <param name="RecordsDone">Read so far.</param>
/// <param name="RecordsTotal">At least so many are to be read; a few more where transactions left markers.</param>
public sealed record RestoreHealth(bool Active, long RecordsDone, long RecordsTotal);

/// <summary>Counted since the process began.</summary>
public sealed record CounterHealth(long RecordsIn, long RecordsOut, long DeadLetters, long UnreadableGlobals, long Transactions, long Lives);
