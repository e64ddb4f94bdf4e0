using Pipeline.Infra.Streaming;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Simulation.Checks;

/// <summary>
/// Somebody who reads a topic all the while, read committed. Kinds of anomalies, after Jepsen's tests of Kafka: aborted-read (it saw what
/// was taken back), changed-read (what it saw is not what stands there), repeated-poll, skipped-poll (it never saw what stands there).
/// </summary>
internal sealed class Observer(SimulatedKafka kafka, string topic)
{
    private readonly Dictionary<PartitionId, List<(long Offset, SimulatedRecord Record)>> seen = kafka.PartitionsOf(topic).ToDictionary(p => p, _ => new List<(long, SimulatedRecord)>());
    private readonly Dictionary<PartitionId, long> positions = kafka.PartitionsOf(topic).ToDictionary(p => p, _ => 0L);

    /// <summary>Polls whatever is there.</summary>
    public void Look()
    {
        foreach (PartitionId id in kafka.PartitionsOf(topic))
        {
            while (kafka[id].Read(positions[id]) is (SimulatedRecord record, long offset))
            {
                seen[id].Add((offset, record));
                positions[id] = offset + 1;
            }
        }
    }

    public IEnumerable<Anomaly> Check()
    {
        foreach ((PartitionId id, List<(long Offset, SimulatedRecord Record)> records) in seen)
        {
            if (records.Zip(records.Skip(1)).Any(p => p.Second.Offset <= p.First.Offset)) yield return new Anomaly("repeated-poll", $"{id} was read backwards");
            foreach ((long offset, SimulatedRecord record) in records)
            {
                if (record.Transaction?.Status is SimulatedTransaction.State.Aborted or SimulatedTransaction.State.Open)
                    yield return new Anomaly("aborted-read", $"{id} offset {offset} was read, and is {record.Transaction.Status}");
            }
            int standing = kafka.Records(id).Count();
            if (standing > records.Count) yield return new Anomaly("skipped-poll", $"{id} has {standing} records, {records.Count} were read");
        }
    }
}
