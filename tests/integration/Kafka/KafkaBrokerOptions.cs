namespace Pipeline.Tests.Integration.Kafka;

/// <summary>What a test wants of its brokers.</summary>
public sealed record KafkaBrokerOptions
{
    public int Brokers { get; init; } = 1;

    /// <summary>Further listeners of the only broker on loopback, beside the plain ones: names by their ports. What protects them is said in <see cref="Settings"/>.</summary>
    public IReadOnlyList<KafkaListener> Listeners { get; init; } = [];

    /// <summary>Lines <c>key=value</c> on top of what every test's broker has.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Where the first broker listens for clients; null: any free port.</summary>
    public int? Port { get; init; }

    /// <summary>The port that clients are told instead: that of something between them and the only broker. Brokers reach each other without it.</summary>
    public int? AdvertisedPort { get; init; }
}

/// <summary>A further listener of a broker.</summary>
/// <param name="Name">In capital letters.</param>
/// <param name="Protocol">SSL, SASL_SSL or SASL_PLAINTEXT.</param>
/// <param name="Port">A free one.</param>
public sealed record KafkaListener(string Name, string Protocol, int Port)
{
    public string BootstrapServers => $"127.0.0.1:{Port}";
}
