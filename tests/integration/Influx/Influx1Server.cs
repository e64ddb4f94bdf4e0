using System.Diagnostics;
using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>An InfluxDB 1.x for tests: INFLUX1_URL names a running one without authentication, or influxd 1.x lies on PATH (Debian's package influxdb).</summary>
public sealed class Influx1Server : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly Lazy<string?> Program = new(FindProgram);

    private readonly DirectoryInfo? folder;
    private Process? process;

    private Influx1Server(Uri url, DirectoryInfo? folder)
    {
        Url = url;
        this.folder = folder;
    }

    /// <summary>Why there is none; null when there is.</summary>
    public static string? Unavailable =>
        Running is not null || Program.Value is not null ? null : "no InfluxDB 1.x: set INFLUX1_URL, or install influxd 1.x (Debian: apt-get install influxdb)";

    public Uri Url { get; }

    public InfluxOptions Options(string database) => new() { Url = Url, Database = database, GzipFromBytes = 2048 };

    private static string? Running => Environment.GetEnvironmentVariable("INFLUX1_URL") is { Length: > 0 } url ? url : null;

    public static async Task<Influx1Server> StartAsync()
    {
        if (Running is { } url) return new Influx1Server(new Uri(url), null);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-influx1-");
        int port = Processes.FreePort();
        string config = Path.Combine(folder.FullName, "influxdb.conf");
        await File.WriteAllTextAsync(config, $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{Processes.FreePort()}"
            [meta]
              dir = "{folder.FullName}/meta"
            [data]
              dir = "{folder.FullName}/data"
              wal-dir = "{folder.FullName}/wal"
            [http]
              bind-address = "127.0.0.1:{port}"
              log-enabled = false
            [monitor]
              store-enabled = false
            """);
        Influx1Server server = new(new Uri($"http://127.0.0.1:{port}"), folder);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it where it was, over what it holds.</summary>
    public async Task StartAgainAsync()
    {
        if (folder is null) throw new InvalidOperationException("a server that runs elsewhere is not started here");
        process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec '{Program.Value}' -config '{folder.FullName}/influxdb.conf' >>'{folder.FullName}/log' 2>&1"]))!;
        await AnswersAsync();
    }

    /// <summary>Kills it; what it holds stays.</summary>
    public async Task StopAsync()
    {
        if (process is null) return;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder?.Delete(recursive: true);
    }

    private async Task AnswersAsync()
    {
        using HttpClient http = new() { BaseAddress = Url };
        using CancellationTokenSource stop = new(StartTimeout);
        while (true)
        {
            try
            {
                using HttpResponseMessage ping = await http.GetAsync("ping", stop.Token);
                return;
            }
            catch (HttpRequestException) when (process is { HasExited: false })
            {
                await Task.Delay(100, stop.Token);
            }
        }
    }

    private static string? FindProgram()
    {
        if (Processes.OnPath("influxd") is not { } program) return null;
        return Processes.RunAsync(program, "version").GetAwaiter().GetResult().Contains("InfluxDB v1.", StringComparison.Ordinal) ? program : null;
    }
}
