using Pipeline.Dispatcher.Tenancy;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Fleet;

/// <summary>One attempt at a call: all that is needed to make it, and to make another one when it fails.</summary>
public sealed record CallTicket
{
    /// <summary>Hash of the invocation's id.</summary>
    public required UInt128 Key { get; init; }

    public required Invocation Invocation { get; init; }

    public required TenantAccount Tenant { get; init; }

    /// <summary>Partition of function.invocations that it came in.</summary>
    public required int Partition { get; init; }

    /// <summary>Attempts made before.</summary>
    public int Attempt { get; init; }

    /// <summary>Cores that it counts for in its tenant's quota, 0..1.</summary>
    public float Cores { get; init; }

    /// <summary>Where the attempt before was; empty for the first.</summary>
    public string FailedVm { get; init; } = "";

    public uint FailedCommunity { get; init; }

    /// <summary>Policy that chose its VM, and the response that was expected then, seconds; of this instance's own decisions only.</summary>
    public string? Policy { get; init; }

    public double ExpectedS { get; init; }

    public bool IsRetry => Attempt > 0;
}
