namespace Pipeline.Ingest.Bridge;

/// <summary>What foreign agents send.</summary>
public enum AgentFormat
{
    /// <summary>Found out record by record.</summary>
    Auto,
    TelegrafInflux,
    TelegrafJson,
    OtlpProto,
    OtlpJson,
    CollectdJson,
    CollectdGraphite,
}
