using Pipeline.Tests.Integration.Kafka;
using Xunit;

namespace Pipeline.Tests.Faults;

/// <summary>A test that starts brokers of its own; skipped, with the reason, where there is no distribution to start them from.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FaultFactAttribute : FactAttribute
{
    public FaultFactAttribute() => Skip = KafkaCluster.Distribution is null ? "no Kafka distribution: set KAFKA_HOME (needs Java 17)" : null;
}
