using Microsoft.Extensions.Logging;
using Pipeline.Infra.Kafka;

namespace Pipeline.Infra.Streaming;

/// <summary>Runs a topology against a Kafka cluster until it is cancelled.</summary>
public sealed class StreamService(Topology topology, KafkaConnection kafka, StreamOptions options, ILoggerFactory log, TimeProvider time)
{
    public Topology Topology { get; } = topology;

    public Task RunAsync(CancellationToken cancel)
    {
        _ = (kafka, options, log, time, cancel);
        throw new NotSupportedException();
    }
}
