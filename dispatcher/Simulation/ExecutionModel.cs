using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// How fast calls run: the cores that a VM's own load leaves are shared evenly by the calls on it, a call uses one core at most, and even a
/// VM that is busy by itself leaves its calls a little (<see cref="Capacity.LeastCores"/>), however many they are.
/// </summary>
public static class ExecutionModel
{
    /// <summary>CPU that a cold start takes by default, seconds.</summary>
    public const double ColdStartS = .5;

    /// <summary>Cores that all calls on a VM share, own utilisation being 0..1.</summary>
    public static double FreeCores(double cores, double ownUtilization) => Math.Max(Math.Min(cores, Capacity.LeastCores), cores * (1 - ownUtilization));

    /// <summary>Cores that each of so many calls gets (1 at most), own utilisation being 0..1.</summary>
    public static double Rate(double cores, double ownUtilization, int calls) => Math.Min(1, FreeCores(cores, ownUtilization) / calls);
}
