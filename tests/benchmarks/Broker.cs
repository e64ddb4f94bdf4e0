using Pipeline.Infra.CommandLine;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Benchmarks;

/// <summary>Where the Kafka distribution is, and a broker of its own for one benchmark.</summary>
internal static class Broker
{
    public static string Home => Repository.Outside("KAFKA_HOME", "kafka")
        ?? throw new UserException("no Kafka: set KAFKA_HOME to a distribution (needs Java 17)");

    public static Task<KafkaBroker> StartAsync() => KafkaBroker.StartAsync(Home);

    /// <summary>A broker with as many threads as the machine has cores, which it shares with everybody else: more only take turns.</summary>
    public static async Task<KafkaBroker> StartSmallAsync()
    {
        string[] settings = [$"num.io.threads={Environment.ProcessorCount}", "num.network.threads=1"];
        return (await KafkaBroker.StartAsync(Home, new KafkaBrokerOptions { Settings = settings }))[0];
    }
}
