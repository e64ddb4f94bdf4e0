using Pipeline.Ingest.Replay;
using Pipeline.Schemas;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>One of the services: how it is started, and where to see that it writes.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Room">Folder of the program.</param>
/// <param name="Arguments">Verb and options, those of the cluster left out.</param>
/// <param name="Output">The topic that it writes first within a transaction.</param>
internal sealed record ServiceKind(string Name, string Room, string[] Arguments, TopicSpec Output)
{
    public static readonly ServiceKind Processors = new("processors", "processors", [], Topics.VmSteps);

    public static readonly ServiceKind Predictor = new("predictor", "predictor", ["serve"], Topics.VmPredictions);

    public static readonly ServiceKind Dispatcher = new("dispatcher", "dispatcher", ["serve"], Topics.FunctionDispatches);

    public static readonly ServiceKind Workers = new(
        "workers", "dispatcher", ["workers", "--fleet", CommittedTraces.Fleet.FullName, "--functions", CommittedTraces.Functions.FullName], Topics.FunctionCompletions);

    public static readonly IReadOnlyList<ServiceKind> All = [Processors, Predictor, Dispatcher, Workers];
}
