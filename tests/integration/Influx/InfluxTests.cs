namespace Pipeline.Tests.Integration.Influx;

/// <summary>Tests that share one <see cref="InfluxServers"/>; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class InfluxTests : ICollectionFixture<InfluxServers>
{
    public const string Name = "InfluxDB";
}
