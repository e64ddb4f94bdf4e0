using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Service;

/// <summary>The predictor as the processing loop sees it: snapshots in, predictions out, no state of its own.</summary>
public static class PredictorTopology
{
    public const string Name = "predictor";

    /// <summary>The topic of models is read from its beginning: twenty years.</summary>
    private const int ModelsKeptDays = 7300;

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

    /// <summary>A topology around a model that is only being tried: beside the one that serves, and to a topic of its own.</summary>
    public static Topology Shadow(Scorer scorer, ModelCard card) => new()
    {
        Name = Name + "-shadow",
        Source = Topics.GraphSnapshots,
        CreateProcessor = _ => new PredictorProcessor(new ServedModel(scorer, card.Id), Topics.VmPredictionsShadow),
    };

    /// <summary>A topology that begins with a model and then serves the one that is chosen on the topic of models.</summary>
    public static Topology Following(ServedModel served, int threads, ILogger log) => new()
    {
        Name = Name,
        Source = Topics.GraphSnapshots,
        CreateProcessor = _ => new PredictorProcessor(served),
        Globals = [Topics.Models],
        GlobalsFrom = TimeSpan.FromDays(ModelsKeptDays),
        Global = new ModelsReader(served, threads, log),
    };
}
