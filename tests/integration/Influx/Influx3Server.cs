using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>An InfluxDB 3.x for tests: INFLUX3_URL, with INFLUX3_TOKEN where it wants one, names a running one; where Docker answers a container is started.</summary>
public sealed class Influx3Server : IAsyncDisposable
{
    private const int Port = 8181;

    private readonly string? token;
    private readonly IContainer? container;

    private Influx3Server(Uri url, string? token, IContainer? container) => (Url, this.token, this.container) = (url, token, container);

    /// <summary>Why there is none; null when there is.</summary>
    public static string? Unavailable => Variable("INFLUX3_URL") is not null || Containers.DockerAnswers ? null : "no InfluxDB 3.x: set INFLUX3_URL and INFLUX3_TOKEN, or start Docker";

    public Uri Url { get; }

    public InfluxOptions Options(string database) => new() { Url = Url, Token = token, Database = database, GzipFromBytes = 2048 };

    public static async Task<Influx3Server> StartAsync()
    {
        if (Variable("INFLUX3_URL") is { } url) return new Influx3Server(new Uri(url), Variable("INFLUX3_TOKEN"), null);
        IContainer container = new ContainerBuilder("influxdb:3-core")
            .WithCommand("influxdb3", "serve", "--node-id", "node0", "--object-store", "memory", "--without-auth")
            .WithPortBinding(Port, assignRandomHostPort: true)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(r => r.ForPort(Port).ForPath("/health")))
            .Build();
        await container.StartAsync();
        return new Influx3Server(new UriBuilder("http", container.Hostname, container.GetMappedPublicPort(Port)).Uri, null, container);
    }

    public async ValueTask DisposeAsync()
    {
        if (container is not null) await container.DisposeAsync();
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
