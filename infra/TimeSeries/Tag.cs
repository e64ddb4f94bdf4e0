namespace Pipeline.Infra.TimeSeries;

/// <summary>One indexed name of a series. An empty value is the same as no tag.</summary>
public readonly record struct Tag(string Key, string Value);
