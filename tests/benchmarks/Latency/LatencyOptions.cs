namespace Pipeline.Tests.Benchmarks.Latency;

internal sealed record LatencyOptions
{
    /// <summary>Calls a second, evenly spaced, whatever the answers take.</summary>
    public required int Rate { get; init; }

    public required int Vms { get; init; }

    public required int Functions { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Calls sent before are answered and not measured.</summary>
    public required TimeSpan WarmUp { get; init; }

    public int WarmUpCalls => (int)(Rate * WarmUp.TotalSeconds);

    public int Calls => WarmUpCalls + (int)(Rate * Duration.TotalSeconds);
}
