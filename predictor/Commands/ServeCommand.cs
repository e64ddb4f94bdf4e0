using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Service;

namespace Pipeline.Predictor.Commands;

/// <summary><c>predictor serve</c>: scores snapshots from Kafka until it is stopped.</summary>
public static class ServeCommand
{
    public static Command Create()
    {
        ServiceOptions service = new();
        Option<FileInfo> model = PredictorCommandOptions.Model();
        Option<int> threads = PredictorCommandOptions.Threads();
        Command command = new("serve", "Scores snapshots of graph.snapshots and publishes vm.predictions. Begins with --model, then serves what is chosen by 'predictor models'.");
        service.AddTo(command);
        command.Add(model);
        command.Add(threads);
        command.SetAction(async (parsed, cancel) =>
        {
            KafkaConnection connection = service.Connection(parsed);
            using ILoggerFactory log = Log.ToConsole();
            await TopicSetup.EnsureAsync(connection, cancel);
            (Scorer scorer, ModelCard card) = ModelFile.Open(parsed.GetValue(model)!.FullName, parsed.GetValue(threads));
            ILogger logger = log.CreateLogger("Pipeline.predictor");
            logger.LogInformation("serving {Model}", card.Id);
            using ServedModel served = new(scorer, card.Id, card.FeatureBins);
            await service.RunAsync(parsed, PredictorTopology.Following(served, parsed.GetValue(threads), logger), connection, new StreamOptions(), log, cancel);
            return 0;
        });
        return command;
    }
}
