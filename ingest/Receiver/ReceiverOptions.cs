using System.Net;

namespace Pipeline.Ingest.Receiver;

/// <summary>Where is listened, and what is taken.</summary>
public sealed record ReceiverOptions
{
    /// <summary>OTLP over HTTP and InfluxDB's writes; null: not at all. Port 0: any.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>OTLP over gRPC, without TLS; null: not at all. Port 0: any.</summary>
    public IPEndPoint? Grpc { get; init; }

    /// <summary>Bytes of a request at most, before and after decompression.</summary>
    public int BodyBytesMax { get; init; } = 16 << 20;

    /// <summary>Bytes of a record at most: what the topic takes, less its frame.</summary>
    public int RecordBytesMax { get; init; } = 900_000;
}
