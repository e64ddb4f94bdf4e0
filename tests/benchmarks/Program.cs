using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Tests.Benchmarks.AgentCost;
using Pipeline.Tests.Benchmarks.Bridge;
using Pipeline.Tests.Benchmarks.Core;
using Pipeline.Tests.Benchmarks.Decide;
using Pipeline.Tests.Benchmarks.Influx;
using Pipeline.Tests.Benchmarks.Latency;
using Pipeline.Tests.Benchmarks.Outage;
using Pipeline.Tests.Benchmarks.Restore;
using Pipeline.Tests.Benchmarks.Scoring;
using Pipeline.Tests.Benchmarks.ShortTerm;
using Pipeline.Tests.Benchmarks.Similarity;
using Pipeline.Tests.Benchmarks.Snapshots;
using Pipeline.Tests.Benchmarks.Throughput;

RootCommand root = new("Measures the pipeline. Where a real broker is needed, KAFKA_HOME names the Kafka distribution; every side runs in a process of its own.")
{
    ThroughputCommand.Create(),
    SideCommand.Create(),
    CoreCommand.Create(),
    DecideCommand.Create(),
    BridgeCommand.Create(),
    AgentCostCommand.Create(),
    LatencyCommand.Create(),
    DispatcherCommand.Create(),
    RestoreCommand.Create(),
    SimilarityCommand.Create(),
    SimilaritySideCommand.Create(),
    SnapshotCommand.Create(),
    SnapshotSideCommand.Create(),
    ScoringCommand.Create(),
    ShortTermCommand.Create(),
    InfluxCommand.Create(),
    NoContentCommand.Create(),
    OutageCommand.Create(),
};
return await Application.RunAsync(root, args);
