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
    public Task RunAsync(ParseResult parsed, Topology topology, KafkaConnection connection, StreamOptions options, ILoggerFactory log, CancellationToken cancel) =>
        RunAsync(parsed, [topology], connection, options, log, cancel);

    /// <summary>Runs the stages of one service. Where one of them fails, all end.</summary>
    public async Task RunAsync(ParseResult parsed, IReadOnlyList<Topology> stages, KafkaConnection connection, StreamOptions options, ILoggerFactory log, CancellationToken cancel)
    {
        StreamService[] services = [.. stages.Select(s => new StreamService(s, connection, options with { Instance = Instance(parsed) }, log, TimeProvider.System))];
        using HealthEndpoint? endpoint = HealthEndpoint.Open(parsed.GetValue(health), [.. services.Select(s => s.Status)], log, TimeProvider.System);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] running = [.. services.Select(s => s.RunAsync(end.Token))];
        await Task.WhenAny(running);
        await end.CancelAsync();
        try
        {
            await Task.WhenAll(running);
        }
        finally
        {
            foreach (StreamService service in services) service.Dispose();
        }
    }
}
