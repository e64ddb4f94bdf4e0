namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>How the simulated broker behaves. What makes exactly-once can be switched off, to see that its absence is found.</summary>
public sealed record BrokerRules
{
    /// <summary>Records and offsets of a transaction become visible together. Off: each record is visible at once, and an abort takes nothing back.</summary>
    public bool Transactions { get; init; } = true;

    /// <summary>A producer that was replaced and a member that was thrown out are refused.</summary>
    public bool Fencing { get; init; } = true;

    /// <summary>An open transaction is aborted, and its producer fenced, after this time; null: never.</summary>
    public long? TransactionTimeoutMs { get; init; }

    /// <summary>A member that has not polled for so long is thrown out; null: never.</summary>
    public long? SessionTimeoutMs { get; init; }
}
