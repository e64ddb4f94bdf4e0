namespace Pipeline.Infra.Influx;

/// <summary>Aggregates that InfluxQL and Flux call by the same name.</summary>
public enum DownSamplingFunction
{
    Mean,
    Min,
    Max,
    Sum,
    Count,
}
