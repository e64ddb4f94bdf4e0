using Microsoft.Extensions.Logging;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

/// <summary>What all clients of one service share.</summary>
internal sealed record ClientContext(KafkaConnection Kafka, ILogger Log)
{
    public StreamLimits Limits { get; init; } = StreamLimits.Default;

    /// <summary>Hears which limit was reached, and by what.</summary>
    public Action<StreamLimit, Func<string>> Reached { get; init; } = (_, _) => { };

    /// <summary>Once cancelled, nothing is waited for longer than it must.</summary>
    public CancellationToken Cancel { get; init; }
}
