namespace Pipeline.Dispatcher.Simulation;

/// <summary>What became of a call on a worker.</summary>
/// <param name="EndMs">Event time of its end, Unix milliseconds.</param>
/// <param name="WallMs">From arrival to end.</param>
/// <param name="ColdStartMs">Of the wall time.</param>
/// <param name="CpuS">CPU used, seconds.</param>
/// <param name="Succeeded">False: stopped for taking too long.</param>
internal readonly record struct Execution(long EndMs, double WallMs, double ColdStartMs, double CpuS, bool Succeeded);
