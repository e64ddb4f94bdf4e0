using Microsoft.Extensions.Logging;

namespace Pipeline.Ingest.Agent.Delivery;

/// <summary>
/// Compares this machine's clock with the broker's, which stamps each report between its being sent and its being acknowledged. Reports of a
/// clock that is ahead are put into no step, those of one that is behind may come too late.
/// </summary>
public sealed class ClockWatch(ILogger logger)
{
    /// <summary>Less than the processors tolerate (2 min), more than clocks that are kept by NTP differ by.</summary>
    private const long ToleranceMs = 10_000;

    private bool wrong;

    /// <summary>How far this machine's clock is behind the broker's at least, ms; negative: ahead.</summary>
    public long BehindMs { get; private set; }

    public void Observe(long sentUnixMs, long acknowledgedUnixMs, long brokerUnixMs)
    {
        BehindMs = brokerUnixMs < sentUnixMs ? brokerUnixMs - sentUnixMs : Math.Max(0, brokerUnixMs - acknowledgedUnixMs);
        bool now = Math.Abs(BehindMs) > ToleranceMs;
        if (now && !wrong)
            logger.LogError("the clock of this machine is {Seconds} s {Where} the broker's: reports would be counted for the wrong time; set it, for example by NTP", Math.Abs(BehindMs) / 1000, BehindMs > 0 ? "behind" : "ahead of");
        else if (wrong && !now)
            logger.LogInformation("the clock of this machine agrees with the broker's again");
        wrong = now;
    }
}
