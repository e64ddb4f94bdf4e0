using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Where scenarios come from.</summary>
public interface IScenarioSource
{
    /// <summary>The VMs' load that scenarios are cut from.</summary>
    FleetTrace Fleet { get; }

    /// <summary>A scenario; the same seed gives the same.</summary>
    Scenario Draw(int seed);

    /// <summary>The scenario without its calls: enough to know what has to be forecast.</summary>
    Scenario DrawFleet(int seed);

    /// <summary>What really happened in it; null where it is made up.</summary>
    SimulationRun? Happened(int seed);
}
