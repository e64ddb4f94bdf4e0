using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Service;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>
/// Says what should be in the output topics: feeds the records of each partition of vm.metrics and graph.snapshots, in their order, to the
/// services' own processors, which know no Kafka and were never interrupted, and compares byte by byte.
/// </summary>
internal sealed class Oracle
{
    private static readonly HashSet<string> Outputs =
        [Topics.VmSteps.Name, Topics.GraphSnapshots.Name, Topics.GraphCommunities.Name, Topics.VmPatterns.Name, Topics.VmPredictions.Name];

    private readonly Topology processors = StepTopology.Create(new StepOptions());
    private readonly Topology predictor = PredictorTopology.Create(new PredictorOptions());
    private readonly Dictionary<PartitionId, IProcessor> running = [];
    private readonly Dictionary<PartitionId, OutputMatch> matches = [];

    /// <summary>Outputs that are expected and not there yet.</summary>
    public int Missing => matches.Values.Sum(m => m.Missing);

    /// <summary>Takes a record of any topic.</summary>
    public void Take(in StreamRecord record)
    {
        if (Outputs.Contains(record.Topic))
            Match(new PartitionId(record.Topic, record.Partition)).Find(new OutputRecord(record.Topic, record.Partition, record.KeyText, record.Value));
        if (record.Topic == processors.Source.Name) Feed(processors, record);
        else if (record.Topic == predictor.Source.Name) Feed(predictor, record);
    }

    /// <summary>When nothing more comes: what is lost and what differs.</summary>
    public (int Lost, int Differing) Finish(Action<string> say)
    {
        (int lost, int differing) = (0, 0);
        foreach (OutputMatch match in matches.Values)
        {
            (int l, int d) = match.Finish(say);
            (lost, differing) = (lost + l, differing + d);
        }
        return (lost, differing);
    }

    private void Feed(Topology topology, in StreamRecord record)
    {
        PartitionId source = new(record.Topic, record.Partition);
        if (!running.TryGetValue(source, out IProcessor? processor)) running[source] = processor = topology.CreateProcessor(record.Partition);
        processor.Process(record, new Expectation(this, record.Partition));
    }

    private OutputMatch Match(PartitionId place)
    {
        if (!matches.TryGetValue(place, out OutputMatch? match)) matches[place] = match = new OutputMatch();
        return match;
    }

    /// <summary>All these topics have the key of their source, so outputs stay in its partition.</summary>
    private sealed class Expectation(Oracle oracle, int partition) : IOutput
    {
        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T> =>
            oracle.Match(new PartitionId(topic.Name, partition)).Expect(new OutputRecord(topic.Name, partition, key, value.ToByteArray()));

        public void DeadLetter(in StreamRecord record, string reason)
        {
            // Dead letters are counted where they stand: there should be none.
        }
    }
}
