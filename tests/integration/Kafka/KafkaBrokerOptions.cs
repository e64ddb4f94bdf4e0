namespace Pipeline.Tests.Integration.Kafka;

/// <summary>What a test wants of its brokers.</summary>
public sealed record KafkaBrokerOptions
{
    public int Brokers { get; init; } = 1;

    /// <summary>Lines <c>key=value</c> on top of what every test's broker has.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Where the first broker listens for clients; null: any free port.</summary>
    public int? Port { get; init; }

    /// <summary>The port that clients are told instead: that of something between them and the only broker. Brokers reach each other without it.</summary>
    public int? AdvertisedPort { get; init; }
}
