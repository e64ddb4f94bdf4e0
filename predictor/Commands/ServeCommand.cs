using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Service;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Commands;

/// <summary><c>predictor serve</c>: scores snapshots from Kafka until it is stopped.</summary>
public static class ServeCommand
{
    public static Command Create()
    {
        ServiceOptions service = new();
        Option<FileInfo> model = PredictorCommandOptions.Model();
        Option<int> threads = PredictorCommandOptions.Threads();
        Option<bool> shadow = new("--shadow") { Description = $"Try --model beside the one that serves: predictions go to {Topics.VmPredictionsShadow.Name}, where 'dispatcher serve --shadow-prediction' scores them without acting" };
        Command command = new("serve", "Scores snapshots of graph.snapshots and publishes vm.predictions. Begins with --model, then serves what is chosen by 'predictor models'.");
        service.AddTo(command);
        command.Add(model);
        command.Add(threads);
        command.Add(shadow);
        command.SetAction(async (parsed, cancel) =>
        {
            KafkaConnection connection = service.Connection(parsed);
            using ILoggerFactory log = Log.ToConsole();
            await TopicSetup.EnsureAsync(connection, cancel);
            (Scorer scorer, ModelCard card) = ModelFile.Open(parsed.GetValue(model)!.FullName, parsed.GetValue(threads));
            ILogger logger = log.CreateLogger("Pipeline.predictor");
            logger.LogInformation("serving {Model}", card.Id);
            if (parsed.GetValue(shadow))
            {
                using (scorer) await service.RunAsync(parsed, PredictorTopology.Shadow(scorer, card), connection, new StreamOptions(), log, cancel);
                return 0;
            }
            using ServedModel served = new(scorer, card.Id, card.FeatureBins);
            await service.RunAsync(parsed, PredictorTopology.Following(served, parsed.GetValue(threads), logger), connection, new StreamOptions(), log, cancel);
            return 0;
        });
        return command;
    }
}
