using Pipeline.Dispatcher.Service;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Service;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;

namespace Pipeline.Tests.Simulation.World;

/// <summary>The real services, made as often as a simulation needs them.</summary>
internal static class ServiceCatalog
{
    /// <summary>Loading the model takes longer than a whole run; scoring has no state.</summary>
    private static readonly Lazy<(Scorer Scorer, ModelCard Card)> Model = new(() => ModelFile.Open(ModelFile.DefaultPath, threads: 1));

    private static readonly OwnLoad Load = new(SourcePlan.Fleet);

    /// <summary>Services whose outputs are a function of the records of their source's partition.</summary>
    public static readonly IReadOnlyList<Func<Topology>> Replayable = [Processors, Predictor, Workers];

    public static Topology Processors() => StepTopology.Create(new StepOptions());

    public static Topology Predictor() => PredictorTopology.Of(Model.Value.Scorer, Model.Value.Card);

    public static Topology Dispatcher() => DispatcherTopology.Of(new DispatcherCore(new DispatcherOptions()));

    public static Topology Workers() => WorkerTopology.Of(Load, SourcePlan.TracedFunctions, new WorkerOptions());
}
