using Microsoft.Extensions.Logging;

namespace Pipeline.Infra.Streaming;

/// <summary>Counts every time that a limit is reached, and says so in the log at most once a minute for each limit.</summary>
internal sealed class LimitWatch(StreamStatus status, ILogger log, TimeProvider time)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly long?[] logged = new long?[StreamLimitNames.All.Count];

    /// <param name="limit">Which.</param>
    /// <param name="what">What it was reached by, and what was done; only asked for when it is logged.</param>
    public void Reached(StreamLimit limit, Func<string> what)
    {
        status.CountLimit(limit);
        long now = time.GetTimestamp();
        if (logged[(int)limit] is { } before && time.GetElapsedTime(before, now) < LogInterval) return;
        logged[(int)limit] = now;
        log.LogWarning("{Service} reached its limit {Limit} ({Count} times so far): {What}", status.Service, StreamLimitNames.NameOf(limit), status.LimitsReached(limit), what());
    }
}
