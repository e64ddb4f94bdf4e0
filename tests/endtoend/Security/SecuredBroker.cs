using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pipeline.Infra.Kafka;
using Pipeline.Tests.Integration;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.EndToEnd.Security;

/// <summary>A broker that is reached by TLS, by TLS with a client's certificate, and by TLS with SCRAM; one for all tests of a class.</summary>
public sealed class SecuredBroker : IAsyncLifetime, IDisposable
{
    public const string User = "agent-user", Password = "correct-horse-battery";

    private readonly TestAuthority authority = new(), stranger = new();
    private KafkaBroker? broker;

    /// <summary>Its plain listener, for the test itself.</summary>
    public KafkaConnection Plain { get; private set; } = new("");

    internal KafkaListener Tls { get; } = new("TLS", "SSL", Processes.FreePort());

    internal KafkaListener Mutual { get; } = new("MUTUAL", "SSL", Processes.FreePort());

    internal KafkaListener Scram { get; } = new("SCRAM", "SASL_SSL", Processes.FreePort());

    public string RootFile => authority.RootFile;

    /// <summary>The root of an authority that the broker's certificate is not of.</summary>
    public string WrongRootFile => stranger.RootFile;

    public string ClientCertificate { get; private set; } = "";

    public string ClientKey { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (KafkaCluster.Distribution is not { } home) return;
        (ClientCertificate, ClientKey, _) = authority.Issue("client");
        broker = (await KafkaBroker.StartAsync(home, new KafkaBrokerOptions
        {
            Listeners = [Tls, Mutual, Scram],
            Settings =
            [
                "ssl.keystore.type=PEM", "ssl.keystore.location=" + authority.Issue("broker").Both,
                "ssl.truststore.type=PEM", "ssl.truststore.location=" + authority.RootFile,
                "listener.name.mutual.ssl.client.auth=required",
                "listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-256",
                "listener.name.scram.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
            ],
        }))[0];
        Plain = new KafkaConnection(broker.BootstrapServers);
        await TopicSetup.EnsureAsync(Plain);
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        await admin.AlterUserScramCredentialsAsync([new UserScramCredentialUpsertion
        {
            User = User,
            Password = System.Text.Encoding.UTF8.GetBytes(Password),
            ScramCredentialInfo = new ScramCredentialInfo { Mechanism = ScramMechanism.ScramSha256, Iterations = 4096 },
        }]);
    }

    public async Task DisposeAsync()
    {
        if (broker is not null) await broker.DisposeAsync();
    }

    public void Dispose()
    {
        authority.Dispose();
        stranger.Dispose();
    }
}
