namespace Pipeline.Tests.Integration.Kafka;

/// <summary>A test on a real broker; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaFactAttribute : FactAttribute
{
    public KafkaFactAttribute() => Skip = KafkaCluster.Unavailable;
}

/// <summary>Tests that share one <see cref="KafkaCluster"/>; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class KafkaTests : ICollectionFixture<KafkaCluster>
{
    public const string Name = "Kafka";
}
