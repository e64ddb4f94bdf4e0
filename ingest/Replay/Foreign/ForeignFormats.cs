namespace Pipeline.Ingest.Replay.Foreign;

/// <summary>The formats by name.</summary>
public static class ForeignFormats
{
    public const string TelegrafInflux = "telegraf-influx", OtlpProto = "otlp-proto";

    public static readonly string[] Names = [TelegrafInflux, OtlpProto];

    public static IForeignFormat Create(string name) => name switch
    {
        TelegrafInflux => new TelegrafInfluxFormat(),
        OtlpProto => new OtlpProtoFormat(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such format"),
    };
}
