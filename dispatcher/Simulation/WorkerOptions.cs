namespace Pipeline.Dispatcher.Simulation;

/// <summary>How simulated workers run calls.</summary>
public sealed record WorkerOptions
{
    /// <summary>Seed of service times.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A container that is idle for so long is thrown away.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>CPU that a cold start takes, seconds.</summary>
    public double ColdStartS { get; init; } = ExecutionModel.ColdStartS;

    /// <summary>
    /// A call is stopped after so long and has then failed: Azure Functions' default. Completions are told in advance, so it must stay below the
    /// 10 minutes that event time may be ahead of a record's timestamp.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Event time minus the trace's time: for a trace that is played at another time than it was taken.</summary>
    public TimeSpan TraceShift { get; init; }
}
