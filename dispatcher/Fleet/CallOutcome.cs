namespace Pipeline.Dispatcher.Fleet;

/// <summary>How a call ended.</summary>
/// <param name="TimeMs">Event time of the end, Unix milliseconds.</param>
/// <param name="WallS">From arrival at the worker to the end, cold start included, seconds.</param>
/// <param name="ColdStartS">Of the wall time, seconds; 0 for a warm start.</param>
/// <param name="CpuS">CPU used, cold start included, seconds.</param>
/// <param name="Succeeded">A failed call teaches nothing and leaves no warm container.</param>
public readonly record struct CallOutcome(long TimeMs, double WallS, double ColdStartS, double CpuS, bool Succeeded);
