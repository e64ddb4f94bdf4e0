using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;

namespace Pipeline.Tests.Integration.Kafka;

/// <summary>A real broker of its own for tests: a Kafka distribution started on loopback with its data in a temporary folder.</summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string home;
    private readonly string folder;
    private Process? process;

    private KafkaBroker(string home, string folder, int port)
    {
        this.home = home;
        this.folder = folder;
        BootstrapServers = $"127.0.0.1:{port}";
    }

    public string BootstrapServers { get; }

    public static async Task<KafkaBroker> StartAsync(string home)
    {
        string folder = Directory.CreateTempSubdirectory("pipeline-kafka-").FullName;
        int port = FreePort(), controller = FreePort();
        KafkaBroker broker = new(home, folder, port);
        await File.WriteAllTextAsync(broker.Config, $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:{controller}
            listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
            advertised.listeners=PLAINTEXT://127.0.0.1:{port}
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
            log.dirs={folder}/data
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=8
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            transaction.state.log.num.partitions=8
            group.initial.rebalance.delay.ms=0
            auto.create.topics.enable=false
            """);
        using Process format = broker.Run("kafka-storage.sh", "format", "--cluster-id", "cGlwZWxpbmUtdGVzdHMtMQ", "--config", broker.Config);
        await format.WaitForExitAsync();
        if (format.ExitCode != 0) throw new InvalidOperationException("kafka-storage.sh format failed: " + await format.StandardOutput.ReadToEndAsync() + await format.StandardError.ReadToEndAsync());
        broker.process = broker.Run("kafka-server-start.sh", broker.Config);
        _ = broker.process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = broker.process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        broker.AwaitAnswer();
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    private string Config => Path.Combine(folder, "server.properties");

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Run(string script, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(home, "bin", script), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx768m";
        start.Environment["LOG_DIR"] = Path.Combine(folder, "logs");
        return Process.Start(start)!;
    }

    private void AwaitAnswer()
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                // The call itself waits for the broker.
                if (admin.GetMetadata(TimeSpan.FromSeconds(5)).Brokers.Count > 0) return;
            }
            catch (KafkaException) when (waited.Elapsed < StartTimeout && !process!.HasExited)
            {
            }
        }
    }
}
