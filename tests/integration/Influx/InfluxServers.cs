namespace Pipeline.Tests.Integration.Influx;

/// <summary>The servers that tests share, started when they are there. Each test takes a database of its own.</summary>
public sealed class InfluxServers : IAsyncLifetime
{
    public Influx1Server? One { get; private set; }

    public Influx2Server? Two { get; private set; }

    public Influx3Server? Three { get; private set; }

    public async Task InitializeAsync()
    {
        if (Influx1Server.Unavailable is null) One = await Influx1Server.StartAsync();
        if (Influx2Server.Unavailable is null) Two = await Influx2Server.StartAsync();
        if (Influx3Server.Unavailable is null) Three = await Influx3Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (One is not null) await One.DisposeAsync();
        if (Two is not null) await Two.DisposeAsync();
        if (Three is not null) await Three.DisposeAsync();
    }
}
