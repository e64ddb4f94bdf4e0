using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>
/// What a tenant uses, held against what it may. The rate is kept by the generic cell rate algorithm (ITU-T I.371): a call conforms when it
/// does not come before its theoretical arrival time by more than the burst's tolerance.
/// </summary>
public sealed class TenantAccount(string name)
{
    private const double NoTime = double.NegativeInfinity;

    /// <summary>Work counts for a minute: longer than a call, shorter than anybody waits.</summary>
    internal const double RecentS = 60;

    private double theoreticalMs = NoTime;
    private double workS;
    private long workMs = long.MinValue;

    public string Name => name;

    public TenantQuota Quota { get; internal set; } = TenantQuota.Default;

    /// <summary>Has a quota of its own, not that of everyone.</summary>
    internal bool IsNamed { get; set; }

    /// <summary>Calls in flight, of all instances.</summary>
    public int InFlight { get; private set; }

    /// <summary>Cores that they are expected to use, in millionths, so that a sum of them does not depend on their order.</summary>
    private long microCores;

    /// <summary>Cores that calls in flight are expected to use.</summary>
    public double Cores => microCores / 1e6;

    /// <summary>Its calls that wait on this instance.</summary>
    internal FairFlow Flow { get; } = new();

    /// <summary>Calls of it that wait on this instance.</summary>
    public int Waiting => Flow.Count;

    /// <summary>A call of it begins.</summary>
    /// <param name="cores">Cores that it is expected to use.</param>
    /// <param name="serviceS">Its expected service time.</param>
    /// <param name="nowMs">Event time.</param>
    public void Begin(float cores, double serviceS, long nowMs)
    {
        InFlight++;
        microCores += Micro(cores);
        (workS, workMs) = (RecentWorkS(nowMs) + serviceS, nowMs);
    }

    /// <summary>Service time of its newest calls, of all instances; what is older fades with a time constant of <see cref="RecentS"/>.</summary>
    public double RecentWorkS(long nowMs) => workMs == long.MinValue ? 0 : workS * Math.Exp(-Math.Max(0, nowMs - workMs) / (1000 * RecentS));

    /// <summary>Has called within the last minute, or waits.</summary>
    public bool IsActive(long nowMs) => InFlight > 0 || Waiting > 0 || (workMs != long.MinValue && nowMs - workMs < 1000 * RecentS);

    public void End(float cores)
    {
        InFlight--;
        microCores -= Micro(cores);
    }

    /// <summary>A call was dispatched for the first time: counts for the rate.</summary>
    public void Charge(long nowMs)
    {
        if (Quota.IntervalMs > 0) theoreticalMs = Math.Max(theoreticalMs, nowMs) + Quota.IntervalMs;
    }

    /// <summary>What stands against one more call now, as a code of <see cref="RejectCodes"/>; null: nothing.</summary>
    public string? Obstacle(long nowMs, float cores, bool isRetry)
    {
        if (InFlight >= Quota.Concurrency) return RejectCodes.QuotaConcurrency;
        // A call that alone is over the quota would wait for ever: one may always run.
        if (InFlight > 0 && microCores + Micro(cores) > Quota.Cores * 1e6) return RejectCodes.QuotaCores;
        return !isRetry && nowMs < ConformsMs() ? RejectCodes.QuotaRate : null;
    }

    /// <summary>
    /// Event time at which the call that comes after <paramref name="ahead"/> waiting ones is expected to fit: by the rate exactly, by calls in
    /// flight and cores as if they ended evenly over the expected service time.
    /// </summary>
    public long EarliestMs(string obstacle, long nowMs, int ahead, double serviceS)
    {
        double ms = obstacle switch
        {
            RejectCodes.QuotaRate => ConformsMs() + (ahead * Quota.IntervalMs),
            _ => nowMs + ((ahead + 1) * serviceS * 1000 / Math.Max(1, InFlight)),
        };
        return (long)Math.Ceiling(Math.Max(ms, nowMs + 1));
    }

    private double ConformsMs() => theoreticalMs - ((Quota.Burst - 1) * Quota.IntervalMs);

    private static long Micro(float cores) => (long)(cores * 1e6);
}
