using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Dispatcher.Service;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Predictor.Service;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Simulation;

/// <summary>
/// The whole pipeline on one thread: the real services' loops over a <see cref="SimulatedKafka"/>, fed with a trace in event time.
/// After each record all services run until nothing is left to do, so the order in which they work is the same every time.
/// </summary>
public sealed class SimulatedPipeline : IDisposable
{
    private readonly FakeTimeProvider time;
    private readonly List<(StreamLoop Loop, StreamStatus Status)> services = [];

    /// <param name="fleet">The VMs; also what the simulated workers run on.</param>
    /// <param name="functions">What is called.</param>
    /// <param name="start">Time of the simulation's clock at the start.</param>
    /// <param name="seed">Seed of communities, decisions and service times.</param>
    public SimulatedPipeline(FleetTrace fleet, FunctionTrace functions, DateTimeOffset start, int seed)
    {
        time = new FakeTimeProvider(start);
        Kafka = SimulatedKafka.WithCatalogue(time);
        Add(StepTopology.Create(new StepOptions { Seed = seed }));
        Add(PredictorTopology.Create(new PredictorOptions()));
        Add(DispatcherTopology.Create(new DispatcherOptions { Seed = (ulong)seed }));
        Add(WorkerTopology.Create(fleet, functions, new WorkerOptions { Seed = (ulong)seed }));
    }

    public SimulatedKafka Kafka { get; }

    /// <summary>Sends all that a player plays, at its event time.</summary>
    public void Play(TracePlayer player)
    {
        foreach (TraceEvent e in player.Play())
        {
            DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(e.TimeUnixMs);
            if (at > time.GetUtcNow()) time.SetUtcNow(at);
            Kafka.Append(e.Topic.Name, System.Text.Encoding.UTF8.GetBytes(e.Key), e.Value.ToByteArray());
            Settle();
        }
    }

    public void Dispose()
    {
        foreach ((StreamLoop loop, StreamStatus status) in services)
        {
            loop.Dispose();
            status.Dispose();
        }
    }

    private void Add(Topology topology)
    {
        StreamStatus status = new(topology.Name);
        services.Add((new StreamLoop(topology, new SimulatedClients(Kafka), new StreamOptions(), status, NullLogger.Instance, time), status));
    }

    /// <summary>Lets every service take all that is there, until none finds anything.</summary>
    private void Settle()
    {
        for (bool busy = true; busy;)
        {
            busy = false;
            foreach ((StreamLoop loop, StreamStatus status) in services)
            {
                long before = status.Input, taken;
                do
                {
                    taken = status.Input;
                    loop.Step(TimeSpan.Zero);
                }
                while (status.Input != taken);
                loop.Commit();
                busy |= status.Input != before;
            }
        }
    }
}
