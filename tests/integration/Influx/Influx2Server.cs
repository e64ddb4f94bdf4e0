using System.Globalization;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>
/// An InfluxDB 2.x for tests: INFLUX2_URL with INFLUX2_TOKEN and INFLUX2_ORG names a running one, INFLUXDB2_HOME a folder
/// with bin/influxdb2-dev that starts a throw-away server; such a folder may also lie in shared/influxdb2 beside the repository. Where there is none of them and Docker answers, a container is started.
/// </summary>
public sealed class Influx2Server : IAsyncDisposable
{
    private const int Port = 8086;

    private static readonly Lazy<string?> Program = new(FindProgram);

    private readonly DirectoryInfo? folder;
    private readonly IContainer? container;

    private Influx2Server(Uri url, string token, string organisation, DirectoryInfo? folder, IContainer? container = null)
    {
        this.container = container;
        Url = url;
        Token = token;
        Organisation = organisation;
        this.folder = folder;
    }

    /// <summary>Why there is none; null when there is.</summary>
    public static string? Unavailable =>
        Variable("INFLUX2_URL") is not null || Program.Value is not null || Containers.DockerAnswers ? null : "no InfluxDB 2.x: set INFLUX2_URL, INFLUX2_TOKEN and INFLUX2_ORG, or INFLUXDB2_HOME, or start Docker";

    public Uri Url { get; }

    public string Token { get; }

    public string Organisation { get; }

    public InfluxOptions Options(string bucket) => new() { Url = Url, Token = Token, Organisation = Organisation, Bucket = bucket, GzipFromBytes = 2048 };

    public static async Task<Influx2Server> StartAsync()
    {
        if (Variable("INFLUX2_URL") is { } url) return new Influx2Server(new Uri(url), Variable("INFLUX2_TOKEN") ?? "", Variable("INFLUX2_ORG") ?? "", null);
        if (Program.Value is null) return await StartContainerAsync();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-influx2-");
        string port = Processes.FreePort().ToString(CultureInfo.InvariantCulture);
        string printed = await Processes.RunAsync(Program.Value!, "start", "--dir", Path.Combine(folder.FullName, "server"), "--port", port);
        return new Influx2Server(new Uri(printed.Trim()), "dev-token", "pipeline", folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (container is not null) await container.DisposeAsync();
        if (folder is null) return;
        await Processes.RunAsync(Program.Value!, "stop", "--dir", Path.Combine(folder.FullName, "server"));
        folder.Delete(recursive: true);
    }

    private static async Task<Influx2Server> StartContainerAsync()
    {
        IContainer container = new ContainerBuilder("influxdb:2.7")
            .WithEnvironment(new Dictionary<string, string>
            {
                ["DOCKER_INFLUXDB_INIT_MODE"] = "setup",
                ["DOCKER_INFLUXDB_INIT_USERNAME"] = "admin",
                ["DOCKER_INFLUXDB_INIT_PASSWORD"] = "dev-password",
                ["DOCKER_INFLUXDB_INIT_ORG"] = "pipeline",
                ["DOCKER_INFLUXDB_INIT_BUCKET"] = "pipeline",
                ["DOCKER_INFLUXDB_INIT_ADMIN_TOKEN"] = "dev-token",
            })
            .WithPortBinding(Port, assignRandomHostPort: true)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(r => r.ForPort(Port).ForPath("/ready")))
            .Build();
        await container.StartAsync();
        return new Influx2Server(new UriBuilder("http", container.Hostname, container.GetMappedPublicPort(Port)).Uri, "dev-token", "pipeline", null, container);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string? FindProgram() =>
        Repository.Outside("INFLUXDB2_HOME", "influxdb2") is { } home ? Path.Combine(home, "bin", "influxdb2-dev") : null;
}
