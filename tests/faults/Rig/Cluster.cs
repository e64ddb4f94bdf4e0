using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Tests.Integration;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>A real Kafka with nothing in it: brokers of our own (KAFKA_HOME), or a running cluster (KAFKA_BOOTSTRAP_SERVERS) whose topics are empty.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>A member that says nothing for so long is out of its group. Of a cluster that is not ours it is the least that brokers allow by default.</summary>
    private const int OwnSessionMs = 3000, ForeignSessionMs = 6000;

    /// <summary>A transaction that is open for so long is aborted by its coordinator.</summary>
    public static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(10);

    private static readonly string[] QuickSettings =
    [
        "group.min.session.timeout.ms=1000",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
        "broker.session.timeout.ms=3000",
        "broker.heartbeat.interval.ms=500",
        "num.network.threads=2",
        "num.io.threads=2",
    ];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-faults-");

    private Cluster(string servers, IReadOnlyList<KafkaBroker> brokers, TcpProxy? proxy)
    {
        Connection = new KafkaConnection(servers);
        Brokers = brokers;
        Proxy = proxy;
        SessionTimeout = TimeSpan.FromMilliseconds(brokers.Count > 0 ? OwnSessionMs : ForeignSessionMs);
        ServiceSettings = Path.Combine(folder.FullName, "clients.properties");
        File.WriteAllText(ServiceSettings, $"""
            session.timeout.ms={SessionTimeout.TotalMilliseconds}
            heartbeat.interval.ms=500
            transaction.timeout.ms={TransactionTimeout.TotalMilliseconds}
            """);
    }

    public KafkaConnection Connection { get; }

    /// <summary>Brokers that may be killed; none where the cluster is not ours.</summary>
    public IReadOnlyList<KafkaBroker> Brokers { get; }

    /// <summary>What stands between clients and the broker, where the fault wants it.</summary>
    public TcpProxy? Proxy { get; }

    public TimeSpan SessionTimeout { get; }

    /// <summary>File that services get as <c>--kafka-config</c>: shorter time-outs, so that a fault is over in seconds.</summary>
    public string ServiceSettings { get; }

    /// <exception cref="UserException">There is no Kafka, or none that this fault may be done to.</exception>
    public static async Task<Cluster> StartAsync(ClusterOptions options)
    {
        if (KafkaCluster.Distribution is { } home) return await StartAsync(home, options);
        string? running = Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS");
        if (string.IsNullOrEmpty(running)) throw new UserException("no Kafka: set KAFKA_HOME to a distribution (needs Java 17), or KAFKA_BOOTSTRAP_SERVERS to a cluster without the pipeline's topics");
        if (options.Own) throw new UserException("this fault is done to brokers: set KAFKA_HOME to a distribution, so that there are some of its own");
        return new Cluster(running, [], null);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (KafkaBroker broker in Brokers) await broker.DisposeAsync();
        if (Proxy is not null) await Proxy.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static async Task<Cluster> StartAsync(string home, ClusterOptions options)
    {
        int port = Processes.FreePort();
        TcpProxy? proxy = options.Proxied ? new TcpProxy(port) : null;
        IReadOnlyList<KafkaBroker> brokers = await KafkaBroker.StartAsync(home, new KafkaBrokerOptions
        {
            Brokers = options.Brokers,
            Port = port,
            AdvertisedPort = proxy?.Port,
            Settings = [.. QuickSettings, .. options.Settings],
        });
        return new Cluster(string.Join(',', brokers.Select(b => b.BootstrapServers)), brokers, proxy);
    }
}
