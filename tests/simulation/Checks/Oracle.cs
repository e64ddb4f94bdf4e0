using System.Text;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;
using Pipeline.Tests.Simulation.World;

namespace Pipeline.Tests.Simulation.Checks;

/// <summary>
/// Says what had to come out: each service's processors, fed once and without any fault with the records of their source, give the bytes
/// that have to stand in its output topics. What the dispatcher answers depends on when it heard of what, so of it each call has to have one
/// answer. Kinds of anomalies: lost-write, duplicate, differing, unseen, stuck.
/// </summary>
internal static class Oracle
{
    public static readonly IReadOnlyList<string> Outputs =
    [
        Topics.VmSteps.Name, Topics.GraphSnapshots.Name, Topics.GraphCommunities.Name, Topics.VmPatterns.Name, Topics.VmPredictions.Name,
        Topics.FunctionDispatches.Name, Topics.FunctionCompletions.Name, Topics.FunctionDeferrals.Name, Topics.VmMetrics.DeadLetterName, Topics.FunctionInvocations.DeadLetterName,
    ];

    public static IEnumerable<Anomaly> Check(SimulatedKafka kafka, SourcePlan plan)
    {
        foreach (Func<Topology> service in ServiceCatalog.Replayable)
            foreach (Anomaly anomaly in Replayed(kafka, service())) yield return anomaly;
        foreach (Anomaly anomaly in Answered(kafka, plan.Calls)) yield return anomaly;
        foreach (Topology topology in new[] { ServiceCatalog.Processors(), ServiceCatalog.Predictor(), ServiceCatalog.Dispatcher(), ServiceCatalog.Workers() })
            foreach (Anomaly anomaly in Consumed(kafka, topology)) yield return anomaly;
        foreach (PartitionId id in Outputs.SelectMany(kafka.PartitionsOf))
            if (kafka[id].Log.Any(r => r.Transaction?.Status == SimulatedTransaction.State.Open)) yield return new Anomaly("stuck", $"{id} has an open transaction");
    }

    private static IEnumerable<Anomaly> Replayed(SimulatedKafka kafka, Topology topology)
    {
        CollectedOutput expected = new(topology, kafka);
        foreach (PartitionId id in kafka.PartitionsOf(topology.Source.Name))
        {
            IProcessor processor = topology.CreateProcessor(id.Partition);
            foreach (StreamRecord record in kafka.Records(id))
            {
                expected.InputPartition = id.Partition;
                processor.Process(record, expected);
            }
        }
        foreach (string topic in expected.Topics)
            foreach (PartitionId id in kafka.PartitionsOf(topic))
                foreach (Anomaly anomaly in Compare(id, expected.Of(id), [.. kafka.Records(id).Select(r => new OutputRecord(r.KeyText, r.Value))], expected.IsOrdered(topic)))
                    yield return anomaly;
    }

    private static IEnumerable<Anomaly> Compare(PartitionId id, List<OutputRecord> expected, List<OutputRecord> found, bool ordered)
    {
        if (ordered && expected.SequenceEqual(found)) yield break;
        Dictionary<OutputRecord, int> left = expected.CountBy(r => r).ToDictionary(r => r.Key, r => r.Value);
        bool any = false;
        foreach (OutputRecord record in found)
        {
            if (!left.TryGetValue(record, out int count)) yield return new Anomaly("differing", $"{id}: {record} had not to come");
            else if (count == 0) yield return new Anomaly("duplicate", $"{id}: {record} is there once more");
            else left[record] = count - 1;
            any |= count == 0;
        }
        foreach ((OutputRecord record, int count) in left.Where(l => l.Value > 0)) yield return new Anomaly("lost-write", $"{id}: {record} is missing {count} times");
        if (ordered && !any && left.Values.All(c => c == 0)) yield return new Anomaly("differing", $"{id}: the records are in another order");
    }

    private static IEnumerable<Anomaly> Answered(SimulatedKafka kafka, IReadOnlySet<string> calls)
    {
        // Each attempt has one answer, and every call a first one.
        Dictionary<string, int> answers = kafka.Records(Topics.FunctionDispatches.Name).Select(r => Dispatch.Parser.ParseFrom(r.Value))
            .CountBy(d => (d.InvocationId, d.Attempt, d.Outcome)).GroupBy(d => d.Key.InvocationId).ToDictionary(g => g.Key, g => g.Max(d => d.Value));
        foreach (string call in calls.Where(c => !answers.ContainsKey(c))) yield return new Anomaly("lost-write", $"{call} has no answer");
        foreach ((string call, int count) in answers.Where(a => a.Value > 1)) yield return new Anomaly("duplicate", $"{call} has {count} answers");
        foreach (string call in answers.Keys.Where(a => !calls.Contains(a))) yield return new Anomaly("differing", $"{call} was not asked for");
        Dictionary<string, int> letters = kafka.Records(Topics.FunctionInvocations.DeadLetterName).CountBy(r => Convert.ToHexString(r.Value)).ToDictionary();
        foreach (IGrouping<string, string> poison in kafka.Records(Topics.FunctionInvocations.Name).Where(r => r.Value[0] == 0xff).Select(r => Convert.ToHexString(r.Value)).GroupBy(v => v))
        {
            int found = letters.GetValueOrDefault(poison.Key);
            if (found != poison.Count()) yield return new Anomaly(found == 0 ? "lost-write" : "duplicate", $"a dead letter is there {found} times, not {poison.Count()}");
        }
    }

    private static IEnumerable<Anomaly> Consumed(SimulatedKafka kafka, Topology topology)
    {
        foreach (PartitionId id in kafka.PartitionsOf(topology.Source.Name))
        {
            long last = kafka.Records(id).Select(r => r.Offset + 1).LastOrDefault();
            long committed = kafka.Group(topology.Name).Committed(id) ?? 0;
            if (committed < last) yield return new Anomaly("unseen", $"{topology.Name} has read {id} up to {committed} of {last}");
            if (committed > kafka[id].High) yield return new Anomaly("inconsistent-offset", $"{topology.Name} has committed {committed} of {id}, which ends at {kafka[id].High}");
        }
    }
}
