using Pipeline.Infra.Kafka;
using Testcontainers.Kafka;

namespace Pipeline.Tests.Integration.Kafka;

/// <summary>
/// The cluster that broker tests share: KAFKA_BOOTSTRAP_SERVERS names a running one, KAFKA_HOME a distribution to start,
/// a distribution may lie in ../shared/kafka beside the repository, and where Docker answers a container is started.
/// </summary>
public sealed class KafkaCluster : IAsyncLifetime
{
    private static readonly Lazy<string?> Home = new(() => Repository.Outside("KAFKA_HOME", "kafka"));

    private KafkaBroker? broker;
    private KafkaContainer? container;

    /// <summary>Why broker tests cannot run here; null when they can.</summary>
    public static string? Unavailable =>
        Bootstrap is not null || Home.Value is not null || DockerAnswers
            ? null
            : "no Kafka: set KAFKA_BOOTSTRAP_SERVERS or KAFKA_HOME (needs Java 17), or start Docker";

    /// <summary>Folder of the distribution that brokers may be started from; null where there is none.</summary>
    public static string? Distribution => Home.Value;

    /// <summary>The tests' cluster; topics of the catalogue are there.</summary>
    public KafkaConnection Connection { get; private set; } = new("");

    private static string? Bootstrap => Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS") is { Length: > 0 } servers ? servers : null;

    private static bool DockerAnswers => File.Exists("/var/run/docker.sock");

    public async Task InitializeAsync()
    {
        if (Unavailable is not null) return;
        string servers;
        if (Bootstrap is { } running)
        {
            servers = running;
        }
        else if (Home.Value is { } home)
        {
            broker = await KafkaBroker.StartAsync(home);
            servers = broker.BootstrapServers;
        }
        else
        {
            container = new KafkaBuilder("apache/kafka:4.1.0").Build();
            await container.StartAsync();
            servers = container.GetBootstrapAddress();
        }
        Connection = new KafkaConnection(servers);
    }

    public async Task DisposeAsync()
    {
        if (broker is not null) await broker.DisposeAsync();
        if (container is not null) await container.DisposeAsync();
    }
}
