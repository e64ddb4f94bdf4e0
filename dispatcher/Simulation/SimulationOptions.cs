using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>How VMs are drawn from a trace.</summary>
public enum FleetDraw
{
    /// <summary>All VMs alike.</summary>
    Random,

    /// <summary>Half of them from the busy ones, see <see cref="ScenarioDrawer.BusyVms"/>.</summary>
    Busy,
}

/// <summary>What is simulated.</summary>
public sealed record SimulationOptions
{
    public int Vms { get; init; } = 40;

    /// <summary>Cores of every VM; 0: as in the trace.</summary>
    public double Cores { get; init; } = 4;

    /// <summary>Memory for each core, GiB; with cores as in the trace, memory is the trace's too.</summary>
    public double MemoryGibPerCore { get; init; } = 4;

    /// <summary>Work that functions bring, as a share of the cores that the VMs' own load leaves free on average.</summary>
    public double Load { get; init; } = .7;

    public double Hours { get; init; } = 2;

    public FleetDraw Draw { get; init; } = FleetDraw.Random;

    /// <summary>Functions drawn from the trace; all, if it has fewer.</summary>
    public int Functions { get; init; } = 300;

    /// <summary>How old what the signals say of the VMs' own load is, minutes, besides what they mean fresh; the oracle is never stale.</summary>
    public int StaleMinutes { get; init; }

    public double ColdStartS { get; init; } = ExecutionModel.ColdStartS;

    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(10);

    public PolicyOptions Policies { get; init; } = new();
}
