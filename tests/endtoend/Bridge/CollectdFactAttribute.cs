using Pipeline.Tests.Integration;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.EndToEnd.Bridge;

/// <summary>A test of the real collectd on a real broker; skipped, with the reason, where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CollectdFactAttribute : FactAttribute
{
    private const string WriteKafka = "/usr/lib/collectd/write_kafka.so";

    public CollectdFactAttribute() => Skip = KafkaCluster.Unavailable ?? (Program is null || !File.Exists(WriteKafka) ? "collectd with write_kafka is not installed (Debian: collectd-core, librdkafka1)" : null);

    /// <summary>Null where it is not installed.</summary>
    public static string? Program => Processes.OnPath("collectd") ?? (File.Exists("/usr/sbin/collectd") ? "/usr/sbin/collectd" : null);
}
