using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Skill;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Service;

/// <summary>The predictor as the processing loop sees it: snapshots in, predictions out, no state of its own.</summary>
public static class PredictorTopology
{
    public const string Name = "predictor";

    /// <summary>A cell that has been silent for longer has its skill told anew.</summary>
    private static readonly TimeSpan SkillReach = TimeSpan.FromHours(6);

    /// <summary>Loads the model and describes the service.</summary>
    /// <exception cref="UserException">The model is refused.</exception>
    public static Topology Create(PredictorOptions options)
    {
        (Scorer scorer, ModelCard card) = ModelFile.Open(options.ModelPath, options.Threads);
        return Of(scorer, card);
    }

    /// <summary>A topology around a model that is loaded; it may be shared, since scoring has no state.</summary>
    public static Topology Of(Scorer scorer, ModelCard card) => new()
    {
        Name = Name,
        Source = Topics.GraphSnapshots,
        CreateProcessor = _ => new PredictorProcessor(scorer, card.Id),
    };

    /// <summary>A topology that begins with a model and then serves the one that is chosen on the topic of models, and tells live skill of it and its shadows.</summary>
    public static Topology Following(ServedModel served, int threads, ILogger log) => new()
    {
        Name = Name,
        Source = Topics.GraphSnapshots,
        CreateProcessor = _ => new PredictorProcessor(served, new LiveSkill(served, new SkillOptions(), skill => SkillMetrics.Tell(skill, log))),
        // The newest record of a cell holds all that its skill is told from.
        Changelogs = [Topics.ModelSkill],
        ChangelogsFrom = SkillReach,
        Globals = [Topics.Models],
        Global = new ModelsReader(served, threads, log),
    };
}
