using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation;

namespace Pipeline.Tests.Unit.Local;

public sealed class DeterminismTests
{
    private const int Vms = 40, Hours = 5, Invocations = 500;

    private static readonly TopicSpec[] Compared = [Topics.VmSteps, Topics.GraphSnapshots, Topics.GraphCommunities, Topics.VmPredictions, Topics.VmPatterns, Topics.FunctionDispatches, Topics.FunctionCompletions];

    [Fact]
    public void The_same_trace_and_seed_give_the_same_bytes_in_every_topic()
    {
        Dictionary<string, List<byte[]>> first = Run(seed: 1), second = Run(seed: 1);
        Assert.All(Compared, topic => Assert.Equal(first[topic.Name], second[topic.Name]));
        // Two cells, each with every step but the one that nothing closes.
        Assert.True(first[Topics.VmSteps.Name].Count >= 2 * (Hours * 12 - 1));
        Assert.All(Compared[1..4], topic => Assert.Equal(first[Topics.VmSteps.Name].Count, first[topic.Name].Count));
        Assert.NotEmpty(first[Topics.VmPatterns.Name]);
        Assert.Equal(Invocations, first[Topics.FunctionDispatches.Name].Count);
        Assert.All(Compared, topic => Assert.Empty(first[topic.DeadLetterName]));
    }

    [Fact]
    public void Another_seed_gives_other_dispatches()
    {
        Dictionary<string, List<byte[]>> first = Run(seed: 1), second = Run(seed: 2);
        Assert.NotEqual(first[Topics.FunctionDispatches.Name], second[Topics.FunctionDispatches.Name]);
    }

    /// <summary>By topic: key and value of all records, partition after partition.</summary>
    private static Dictionary<string, List<byte[]>> Run(int seed)
    {
        FleetTrace fleet = FleetTrace.Load(CommittedTraces.Fleet);
        FunctionTrace functions = FunctionTrace.Load(CommittedTraces.Functions);
        TracePlayer player = new(fleet, functions, new ReplayOptions { Vms = Vms, Cells = 2, Hours = Hours, StartSlot = 9 * 288, Invocations = Invocations, Seed = seed });
        using SimulatedPipeline pipeline = new(fleet, functions, DateTimeOffset.FromUnixTimeMilliseconds(player.StartUnixMs), seed);
        pipeline.Play(player);
        Dictionary<string, List<byte[]>> records = [];
        foreach (string topic in Compared.SelectMany(t => new[] { t.Name, t.DeadLetterName }))
            records[topic] = [.. pipeline.Kafka.Records(topic).Select(r => (byte[])[.. r.Key, .. r.Value])];
        return records;
    }
}
