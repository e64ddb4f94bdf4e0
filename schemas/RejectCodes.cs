namespace Pipeline.Schemas;

/// <summary>Codes of <see cref="Dispatch.RejectCode"/>. Gateways may act on them, so they never change their meaning.</summary>
public static class RejectCodes
{
    /// <summary>No VM is known yet, or every one of them has been silent for too long.</summary>
    public const string NoFleet = "no-fleet";

    /// <summary>No VM has the memory.</summary>
    public const string NoMemory = "no-memory";

    /// <summary>No VM is expected to finish within the deadline.</summary>
    public const string Deadline = "deadline";

    /// <summary>The tenant has as many calls in flight as it may, and waiting does not help.</summary>
    public const string QuotaConcurrency = "quota-concurrency";

    /// <summary>The tenant's calls in flight use as many cores as they may, and waiting does not help.</summary>
    public const string QuotaCores = "quota-cores";

    /// <summary>The tenant calls more often than it may, and waiting does not help.</summary>
    public const string QuotaRate = "quota-rate";

    /// <summary>The fleet is full, and the tenant's turn does not come in time.</summary>
    public const string Overload = "overload";

    /// <summary>The gateway took it back.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The last attempt that is allowed failed too.</summary>
    public const string Attempts = "attempts";
}
