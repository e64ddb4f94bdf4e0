using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Dispatcher.Service;

/// <summary>What the verbs that talk to Kafka have in common.</summary>
internal sealed class ServiceOptions
{
    private readonly Option<string?> kafka = CommonOptions.Kafka();
    private readonly Option<FileInfo?> kafkaConfig = CommonOptions.KafkaConfig();
    private readonly Option<string> instance = CommonOptions.Instance();
    private readonly Option<HealthAddress?> health = CommonOptions.Health();

    public void AddTo(Command command, bool withInstance = true)
    {
        command.Add(kafka);
        command.Add(kafkaConfig);
        if (!withInstance) return;
        command.Add(instance);
        command.Add(health);
    }

    public KafkaConnection Connection(ParseResult parsed) => KafkaConnection.FromOptions(parsed.GetValue(kafka), parsed.GetValue(kafkaConfig));

    /// <summary>Runs a topology until it is cancelled.</summary>
    public async Task RunAsync(ParseResult parsed, Topology topology, TimeSpan commitInterval, CancellationToken cancel)
    {
        KafkaConnection connection = Connection(parsed);
        await TopicSetup.EnsureAsync(connection, cancel);
        using ILoggerFactory log = Log.ToConsole();
        StreamOptions options = new() { Instance = parsed.GetValue(instance)!, CommitInterval = commitInterval };
        using StreamService service = new(topology, connection, options, log, TimeProvider.System);
        using HealthEndpoint? endpoint = HealthEndpoint.Open(parsed.GetValue(health), [service.Status], log, TimeProvider.System);
        await service.RunAsync(cancel);
    }
}
