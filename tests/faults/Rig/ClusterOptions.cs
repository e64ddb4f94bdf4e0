namespace Pipeline.Tests.Faults.Rig;

/// <summary>The Kafka that a fault needs.</summary>
internal sealed record ClusterOptions
{
    public int Brokers { get; init; } = 1;

    /// <summary>The fault does something to the brokers, so they have to be ours.</summary>
    public bool Own { get; init; }

    /// <summary>Clients reach the broker through a <see cref="TcpProxy"/>.</summary>
    public bool Proxied { get; init; }

    /// <summary>Lines <c>key=value</c> for every broker.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
