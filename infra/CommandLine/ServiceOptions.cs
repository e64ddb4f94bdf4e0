using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Infra.CommandLine;

/// <summary>What verbs that talk to Kafka have in common: the cluster, and for services also instance and health.</summary>
public sealed class ServiceOptions
{
    private readonly Option<string?> kafka = CommonOptions.Kafka();
    private readonly Option<FileInfo?> kafkaConfig = CommonOptions.KafkaConfig();
    private readonly Option<string> instance = CommonOptions.Instance();
    private readonly Option<HealthAddress?> health = CommonOptions.Health();

    /// <summary>Options of a service that runs a topology.</summary>
    public void AddTo(Command command)
    {
        AddConnectionTo(command);
        command.Add(instance);
        command.Add(health);
    }

    /// <summary>Options that say which cluster, and no more.</summary>
    public void AddConnectionTo(Command command)
    {
        command.Add(kafka);
        command.Add(kafkaConfig);
    }

    /// <exception cref="UserException">No cluster is named.</exception>
    public KafkaConnection Connection(ParseResult parsed) => KafkaConnection.FromOptions(parsed.GetValue(kafka), parsed.GetValue(kafkaConfig));

    /// <summary>The instance's name.</summary>
    public string Instance(ParseResult parsed) => parsed.GetValue(instance)!;

    /// <summary>Runs a topology, and tells its health where that was asked for, until it is cancelled. The topics have to be there.</summary>
    public async Task RunAsync(ParseResult parsed, Topology topology, KafkaConnection connection, StreamOptions options, ILoggerFactory log, CancellationToken cancel)
    {
        using StreamService service = new(topology, connection, options with { Instance = Instance(parsed) }, log, TimeProvider.System);
        using HealthEndpoint? endpoint = HealthEndpoint.Open(parsed.GetValue(health), [service.Status], log, TimeProvider.System);
        await service.RunAsync(cancel);
    }
}
