using Pipeline.Dispatcher.Simulation;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

/// <summary>Measures of a run that differs from others by its response times only.</summary>
internal static class TestMeasures
{
    /// <param name="mean">Every response, seconds.</param>
    /// <param name="windows">Of one call each.</param>
    public static Measures Of(double mean, int windows) => new()
    {
        Invocations = windows,
        Rejected = 0,
        MeanResponseS = mean,
        P50 = mean,
        P95 = mean,
        P99 = mean,
        MeanSlowdown = 1,
        P99Slowdown = 1,
        ColdShare = 0,
        Goodput = 1,
        GoodputShare = 1,
        GoodputInTimeShare = 1,
        DeadlineMisses = 0,
        CvWork = 0,
        Jain = 1,
        VmHours = 1,
        P99Others = 0,
        Windows = [.. Enumerable.Repeat((1, mean, mean), windows)],
    };
}
