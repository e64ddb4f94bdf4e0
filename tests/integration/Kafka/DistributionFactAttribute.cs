namespace Pipeline.Tests.Integration.Kafka;

/// <summary>A test that starts brokers of its own, to kill them or to set them up; skipped, with the reason, where there is no distribution to start them from.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DistributionFactAttribute : FactAttribute
{
    public DistributionFactAttribute() => Skip = KafkaCluster.Distribution is null ? "no Kafka distribution: set KAFKA_HOME (needs Java 17)" : null;
}
