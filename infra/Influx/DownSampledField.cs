namespace Pipeline.Infra.Influx;

/// <summary>One aggregate of a <see cref="DownSampling"/>.</summary>
/// <param name="Name">Of the result.</param>
public sealed record DownSampledField(string Field, DownSamplingFunction Function, string Name);
