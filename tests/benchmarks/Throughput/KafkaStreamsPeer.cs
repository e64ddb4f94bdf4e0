using System.ComponentModel;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>Apache Kafka Streams, built from kafka-streams/ with the machine's javac and protoc.</summary>
internal sealed class KafkaStreamsPeer
{
    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "kafka-streams");

    private readonly string classPath;

    private KafkaStreamsPeer(string classPath) => this.classPath = classPath;

    /// <summary>Compiles it; null, having said why, where something is missing.</summary>
    public static async Task<KafkaStreamsPeer?> BuildAsync(CancellationToken cancel)
    {
        string home = Broker.Home;
        // A Kafka distribution has kafka-streams and rocksdbjni in its libs, but no protobuf-java.
        string? libs = Repository.Outside("KAFKA_STREAMS_LIBS", Path.Combine("peers", "kafka-streams", "libs"));
        string folder = Path.Combine(Path.GetTempPath(), "pipeline-kafka-streams");
        Directory.CreateDirectory(folder);
        string path = string.Join(':', new[] { folder, libs is null ? null : Path.Combine(libs, "*"), Path.Combine(home, "libs", "*") }.OfType<string>());
        try
        {
            await ChildProcess.RunAsync("protoc", ["-I", Sources, "--java_out=" + folder, "metrics.proto"], cancel);
            await ChildProcess.RunAsync("javac", ["-nowarn", "-cp", path, "-d", folder, Path.Combine(Sources, "Peer.java"), Path.Combine(Sources, "RekeyByVm.java"), Path.Combine(folder, "pipeline", "Metrics.java")], cancel);
            return new KafkaStreamsPeer(path);
        }
        catch (Win32Exception e)
        {
            Console.WriteLine($"{Sides.KafkaStreams} is skipped: {e.Message} (wanted: javac and java 17, protoc)");
        }
        catch (UserException e)
        {
            Console.WriteLine($"{Sides.KafkaStreams} is skipped: it does not build; are kafka-streams, rocksdbjni and protobuf-java 3.21 in KAFKA_STREAMS_LIBS or {home}/libs? {e.Message}");
        }
        return null;
    }

    public async Task<string> RunAsync(KafkaConnection kafka, string group, long records, CancellationToken cancel) => await ChildProcess.RunAsync(
        "java",
        [
            "-Xmx2g", "-XX:+UseG1GC", "-Dlog4j2.configurationFile=" + Path.Combine(Broker.Home, "config", "tools-log4j2.yaml"), "-cp", classPath, "Peer",
            kafka.BootstrapServers, Topics.VmMetrics.Name, OutputTopics.Peer, group, records.ToString(CultureInfo.InvariantCulture),
        ],
        cancel);
}
