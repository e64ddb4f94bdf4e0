using Pipeline.Infra.Traces;

namespace Pipeline.Predictor.Samples;

/// <summary>A trace and what it is called in cards.</summary>
public sealed record TraceSource(string Name, FleetTrace Trace);
