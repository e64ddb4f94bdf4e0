namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// How fast calls run: the cores that a VM's own load leaves are shared evenly by the calls on it, a call uses one core at most, and even on a
/// VM that is busy by itself it gets a little.
/// </summary>
public static class ExecutionModel
{
    /// <summary>What the scheduler of an overloaded VM still gives to every process, cores.</summary>
    public const double LeastRate = .05;

    /// <summary>CPU that a cold start takes by default, seconds.</summary>
    public const double ColdStartS = .5;

    /// <summary>Cores that each of so many calls gets (1 at most), own utilisation being 0..1.</summary>
    public static double Rate(double cores, double ownUtilization, int calls) => Math.Clamp(cores * (1 - ownUtilization) / calls, LeastRate, 1);
}
