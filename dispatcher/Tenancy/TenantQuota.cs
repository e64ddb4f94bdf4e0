using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>What a tenant may use, and its weight against others.</summary>
public sealed record TenantQuota
{
    /// <summary>No limits, weight 1.</summary>
    public static readonly TenantQuota Default = new();

    private const uint DelayMsDefault = 30_000;

    private const int WaitingDefault = 1000;

    /// <summary>Calls in flight.</summary>
    public int Concurrency { get; init; } = int.MaxValue;

    /// <summary>Cores that its calls in flight are expected to use.</summary>
    public double Cores { get; init; } = double.PositiveInfinity;

    /// <summary>Time between two calls at the rate granted, milliseconds; 0: no limit.</summary>
    public double IntervalMs { get; init; }

    /// <summary>Calls that may come at once after a quiet time.</summary>
    public double Burst { get; init; } = 1;

    public double Weight { get; init; } = 1;

    /// <summary>How long a call may wait, event time.</summary>
    public long DelayMs { get; init; } = DelayMsDefault;

    /// <summary>Calls that may wait at once.</summary>
    public int Waiting { get; init; } = WaitingDefault;

    public static TenantQuota Of(Tenant value) => new()
    {
        Concurrency = value.Concurrency == 0 ? int.MaxValue : (int)value.Concurrency,
        Cores = value.Cores == 0 ? double.PositiveInfinity : value.Cores,
        IntervalMs = value.RatePerS == 0 ? 0 : 1000 / value.RatePerS,
        Burst = Math.Max(1, value.Burst == 0 ? value.RatePerS : value.Burst),
        Weight = value.HasWeight ? value.Weight : 1,
        DelayMs = value.HasDelayMs ? value.DelayMs : DelayMsDefault,
        Waiting = value.HasWaiting ? (int)value.Waiting : WaitingDefault,
    };
}
