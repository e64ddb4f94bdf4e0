using System.Diagnostics;
using Confluent.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Infra.Kafka;

/// <summary>Headers as Confluent.Kafka has them, and back.</summary>
public sealed class ConfluentHeaders(Headers headers) : IRecordHeaders
{
    public bool TryGet(string name, out byte[] value) => headers.TryGetLastBytes(name, out value);

    /// <summary>What a source's record says about its trace; null, and no header at all, where it is in none.</summary>
    public static Headers? TraceOf(Activity? activity) => Of(Tracing.HeadersOf(activity));

    internal static Headers? Of(IReadOnlyList<KeyValuePair<string, byte[]>>? list)
    {
        if (list is null) return null;
        Headers headers = [];
        foreach ((string name, byte[] value) in list) headers.Add(name, value);
        return headers;
    }
}
