using System.Globalization;
using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>
/// An InfluxDB 2.x for tests: INFLUX2_URL with INFLUX2_TOKEN and INFLUX2_ORG names a running one, INFLUXDB2_HOME a folder
/// with bin/influxdb2-dev that starts a throw-away server; such a folder may also lie in shared/influxdb2 beside the repository.
/// </summary>
public sealed class Influx2Server : IAsyncDisposable
{
    private static readonly Lazy<string?> Program = new(FindProgram);

    private readonly DirectoryInfo? folder;

    private Influx2Server(Uri url, string token, string organisation, DirectoryInfo? folder)
    {
        Url = url;
        Token = token;
        Organisation = organisation;
        this.folder = folder;
    }

    /// <summary>Why there is none; null when there is.</summary>
    public static string? Unavailable =>
        Variable("INFLUX2_URL") is not null || Program.Value is not null ? null : "no InfluxDB 2.x: set INFLUX2_URL, INFLUX2_TOKEN and INFLUX2_ORG, or INFLUXDB2_HOME";

    public Uri Url { get; }

    public string Token { get; }

    public string Organisation { get; }

    public InfluxOptions Options(string bucket) => new() { Url = Url, Token = Token, Organisation = Organisation, Bucket = bucket };

    public static async Task<Influx2Server> StartAsync()
    {
        if (Variable("INFLUX2_URL") is { } url) return new Influx2Server(new Uri(url), Variable("INFLUX2_TOKEN") ?? "", Variable("INFLUX2_ORG") ?? "", null);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-influx2-");
        string port = Processes.FreePort().ToString(CultureInfo.InvariantCulture);
        string printed = await Processes.RunAsync(Program.Value!, "start", "--dir", Path.Combine(folder.FullName, "server"), "--port", port);
        return new Influx2Server(new Uri(printed.Trim()), "dev-token", "pipeline", folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (folder is null) return;
        await Processes.RunAsync(Program.Value!, "stop", "--dir", Path.Combine(folder.FullName, "server"));
        folder.Delete(recursive: true);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string? FindProgram() =>
        Repository.Outside("INFLUXDB2_HOME", "influxdb2") is { } home ? Path.Combine(home, "bin", "influxdb2-dev") : null;
}
