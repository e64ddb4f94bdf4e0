using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Service;

/// <summary>A fleet of eight VMs whose predictions stand in a simulated Kafka, and loops over it.</summary>
public abstract class LoopRig : IDisposable
{
    private readonly SimulatedKafka kafka;
    private readonly StreamStatus status = new("test");

    protected LoopRig()
    {
        kafka = SimulatedKafka.WithCatalogue(Time);
        Append(Topics.VmPredictions, "cell-0", TestFleet.Predict(Samples.Time, TestFleet.Names(8)));
    }

    protected FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(Samples.Time));

    private protected SimulatedKafka Kafka => kafka;

    public void Dispose()
    {
        status.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void Append<TMessage>(TopicSpec<TMessage> topic, string key, TMessage value)
        where TMessage : IMessage<TMessage> => kafka.Append(topic.Name, Encoding.UTF8.GetBytes(key), value.ToByteArray());

    /// <summary>What is committed.</summary>
    private protected List<TMessage> Read<TMessage>(TopicSpec<TMessage> topic)
        where TMessage : IMessage<TMessage> =>
        [.. kafka.PartitionsOf(topic.Name).SelectMany(p => kafka[p].Log).Where(r => !r.IsMarker && r.Transaction?.Status == SimulatedTransaction.State.Committed).Select(r => topic.Parser.ParseFrom(r.Value))];

    private protected StreamLoop Loop(Topology topology, string instance = "0") =>
        new(topology, new SimulatedClients(kafka), new StreamOptions { Instance = instance, CommitInterval = TimeSpan.Zero }, status, NullLogger.Instance, Time);
}
