namespace Pipeline.Infra.Influx;

/// <summary>A column of a Flux table.</summary>
/// <param name="Type">As the server names it: string, long, unsignedLong, double, boolean, dateTime:RFC3339 ...; empty where it does not say.</param>
/// <param name="InGroupKey">Whether all rows of the table have the same value.</param>
/// <param name="Default">What an empty value stands for; empty: null.</param>
public sealed record FluxColumn(string Name, string Type, bool InGroupKey, string Default);
