using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;

namespace Pipeline.Tests.Integration.Kafka;

/// <summary>A real broker of its own for tests: a Kafka distribution started on loopback with its data in a temporary folder.</summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly string home;
    private readonly string folder;
    private Process? process;

    private KafkaBroker(string home, string folder, int port)
    {
        this.home = home;
        this.folder = folder;
        BootstrapServers = $"127.0.0.1:{port}";
    }

    /// <summary>The address that clients use.</summary>
    public string BootstrapServers { get; }

    public static async Task<KafkaBroker> StartAsync(string home) => (await StartAsync(home, new KafkaBrokerOptions()))[0];

    /// <summary>Starts the brokers of one cluster and waits until each of them answers.</summary>
    public static async Task<IReadOnlyList<KafkaBroker>> StartAsync(string home, KafkaBrokerOptions options)
    {
        int[] controllers = [.. Enumerable.Range(0, options.Brokers).Select(_ => Processes.FreePort())];
        string voters = string.Join(',', controllers.Select((port, i) => $"{i + 1}@127.0.0.1:{port}"));
        string further = string.Concat(options.Listeners.Select(l => $",{l.Name}://{l.BootstrapServers}")), protocols = string.Concat(options.Listeners.Select(l => $",{l.Name}:{l.Protocol}"));
        List<KafkaBroker> brokers = [];
        foreach (int i in Enumerable.Range(0, options.Brokers))
        {
            int port = i == 0 && options.Port is { } wanted ? wanted : Processes.FreePort(), told = options.AdvertisedPort ?? port, inside = Processes.FreePort();
            KafkaBroker broker = new(home, Directory.CreateTempSubdirectory("pipeline-kafka-").FullName, told);
            await File.WriteAllTextAsync(broker.Config, $"""
                process.roles=broker,controller
                node.id={i + 1}
                controller.quorum.voters={voters}
                listeners=PLAINTEXT://127.0.0.1:{port},INSIDE://127.0.0.1:{inside},CONTROLLER://127.0.0.1:{controllers[i]}{further}
                advertised.listeners=PLAINTEXT://127.0.0.1:{told},INSIDE://127.0.0.1:{inside}{further}
                inter.broker.listener.name=INSIDE
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INSIDE:PLAINTEXT{protocols}
                log.dirs={broker.folder}/data
                offsets.topic.replication.factor={Math.Min(3, options.Brokers)}
                offsets.topic.num.partitions=8
                transaction.state.log.replication.factor={Math.Min(3, options.Brokers)}
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=8
                group.initial.rebalance.delay.ms=0
                auto.create.topics.enable=false
                {string.Join('\n', options.Settings)}
                """);
            await broker.FormatAsync();
            brokers.Add(broker);
        }
        foreach (KafkaBroker broker in brokers) broker.Launch();
        foreach (KafkaBroker broker in brokers) broker.AwaitAnswer(options.Brokers);
        return brokers;
    }

    /// <summary>kill -9: nothing is written or said any more.</summary>
    public async Task KillAsync()
    {
        if (process is null) return;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Starts a killed broker again on its data and waits until it answers.</summary>
    public void Restart()
    {
        Launch();
        AwaitAnswer(brokers: 1);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(folder, recursive: true);
    }

    private string Config => Path.Combine(folder, "server.properties");

    private async Task FormatAsync()
    {
        using Process format = Run("kafka-storage.sh", "format", "--cluster-id", "cGlwZWxpbmUtdGVzdHMtMQ", "--config", Config);
        await format.WaitForExitAsync();
        if (format.ExitCode != 0) throw new InvalidOperationException("kafka-storage.sh format failed: " + await format.StandardOutput.ReadToEndAsync() + await format.StandardError.ReadToEndAsync());
    }

    private void Launch()
    {
        process = Run("kafka-server-start.sh", Config);
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
    }

    private Process Run(string script, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(home, "bin", script), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx768m";
        start.Environment["LOG_DIR"] = Path.Combine(folder, "logs");
        return Process.Start(start)!;
    }

    private void AwaitAnswer(int brokers)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                // The call itself waits for the broker.
                if (admin.GetMetadata(TimeSpan.FromSeconds(5)).Brokers.Count >= brokers) return;
            }
            catch (KafkaException) when (waited.Elapsed < StartTimeout && !process!.HasExited)
            {
            }
            if (waited.Elapsed > StartTimeout) throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{brokers} brokers did not find each other within {StartTimeout}"));
        }
    }
}
