using Pipeline.Infra.CommandLine;

namespace Pipeline.Infra.Kafka;

/// <summary>Which cluster to talk to, and the librdkafka settings that every client of it gets (TLS, SASL and the like).</summary>
public sealed record KafkaConnection(string BootstrapServers)
{
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>An <see cref="EmbeddedKafka"/>: it makes topics by itself and does not wake a waiting fetch.</summary>
    public bool Embedded { get; init; }

    /// <summary>From the options <c>--kafka</c> and <c>--kafka-config</c>.</summary>
    /// <exception cref="UserException">No bootstrap servers were given, or the file cannot be read or has a line that is not key=value; the line, which may be a secret, is not shown.</exception>
    public static KafkaConnection FromOptions(string? bootstrap, FileInfo? config)
    {
        Dictionary<string, string> settings = [];
        string[] lines = config is null ? [] : LinesOf(config);
        for (int i = 0; i < lines.Length; i++)
        {
            string text = lines[i].Trim();
            if (text.Length == 0 || text.StartsWith('#')) continue;
            int at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new UserException($"{config!.FullName}, line {i + 1}: key=value is wanted");
            settings[text[..at].Trim()] = text[(at + 1)..].Trim();
        }
        if (settings.Remove("bootstrap.servers", out string? servers)) bootstrap ??= servers;
        if (string.IsNullOrWhiteSpace(bootstrap))
            throw new UserException("no Kafka cluster: give --kafka host:port or set KAFKA_BOOTSTRAP_SERVERS");
        return new KafkaConnection(bootstrap) { Settings = settings };
    }

    private static string[] LinesOf(FileInfo config)
    {
        try
        {
            return File.ReadAllLines(config.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{config.FullName} cannot be read: {e.Message}", e);
        }
    }
}
