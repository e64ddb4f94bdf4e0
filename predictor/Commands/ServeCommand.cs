using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Service;

namespace Pipeline.Predictor.Commands;

/// <summary><c>predictor serve</c>: scores snapshots from Kafka until it is stopped.</summary>
public static class ServeCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<string?> kafka = CommonOptions.Kafka();
        Option<FileInfo?> config = CommonOptions.KafkaConfig();
        Option<string> instance = CommonOptions.Instance();
        Option<HealthAddress?> health = CommonOptions.Health();
        Option<FileInfo> model = PredictorCommandOptions.Model();
        Option<int> threads = PredictorCommandOptions.Threads();
        Command command = new("serve", "Scores snapshots of graph.snapshots and publishes vm.predictions.") { kafka, config, instance, health, model, threads };
        command.SetAction(async (parsed, cancel) =>
        {
            KafkaConnection connection = KafkaConnection.FromOptions(parsed.GetValue(kafka), parsed.GetValue(config));
            PredictorOptions options = new() { ModelPath = parsed.GetValue(model)!.FullName, Threads = parsed.GetValue(threads) };
            using ILoggerFactory log = Log.ToConsole();
            await TopicSetup.EnsureAsync(connection, cancel);
            Topology topology = PredictorTopology.Create(options);
            log.CreateLogger("Pipeline.predictor").LogInformation("serving {Model}", ModelFile.Load(options.ModelPath).Card.Id);
            using StreamService service = new(topology, connection, new StreamOptions { Instance = parsed.GetValue(instance)! }, log, time);
            using HealthEndpoint? endpoint = HealthEndpoint.Open(parsed.GetValue(health), [service.Status], log, time);
            await service.RunAsync(cancel);
            return 0;
        });
        return command;
    }
}
