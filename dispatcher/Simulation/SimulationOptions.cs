using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>How VMs are drawn from a trace.</summary>
public enum FleetDraw
{
    /// <summary>All VMs alike.</summary>
    Random,

    /// <summary>Half of them from the busy ones, see <see cref="OwnLoad.BusyVms"/>.</summary>
    Busy,
}

/// <summary>What is simulated.</summary>
public sealed record SimulationOptions
{
    /// <summary>Beyond the trace's VMs its VMs come again, each time shifted to other days.</summary>
    public int Vms { get; init; } = 40;

    /// <summary>Cores of every VM; 0: as in the trace.</summary>
    public double Cores { get; init; } = 4;

    /// <summary>Memory for each core, GiB; with cores as in the trace, memory is the trace's too.</summary>
    public double MemoryGibPerCore { get; init; } = 4;

    /// <summary>Work that functions bring, as a share of the cores that the VMs' own load leaves free on average, as far as they are there.</summary>
    public double Load { get; init; } = .7;

    public double Hours { get; init; } = 2;

    public FleetDraw Draw { get; init; } = FleetDraw.Random;

    /// <summary>Functions drawn from the trace; all, if it has fewer.</summary>
    public int Functions { get; init; } = 300;

    /// <summary>Only functions with at least this mean service time, seconds.</summary>
    public double LeastServiceS { get; init; }

    /// <summary>The slots of the trace that windows are drawn from, both ends counted; null: all.</summary>
    public (int First, int Last)? Slots { get; init; }

    /// <summary>The VMs' own load moves within its step, see <see cref="LoadNoise"/>.</summary>
    public bool Noise { get; init; }

    /// <summary>How old what the signals say of the VMs' own load is, minutes, besides what they mean fresh; the oracle is never stale.</summary>
    public int StaleMinutes { get; init; }

    /// <summary>What is stale is so for a VM's neighbours, too: to the network all reports are late.</summary>
    public bool NeighboursStale { get; init; }

    /// <summary>Seconds between two reports of a VM; 0: the step of the trace.</summary>
    public double ReportIntervalS { get; init; }

    /// <summary>Seconds from the end of what a report tells of until the dispatcher knows it.</summary>
    public double ReportDelayS { get; init; } = 60;

    /// <summary>Share of reports that never arrive.</summary>
    public double LostShare { get; init; }

    /// <summary>Share of the time that VMs are silent, each time for 15 to 60 minutes.</summary>
    public double SilentShare { get; init; }

    /// <summary>Seconds from a decision to its VM, and from a completion back.</summary>
    public double NetworkDelayS { get; init; }

    /// <summary>Dispatchers that share out the functions.</summary>
    public int Dispatchers { get; init; } = 1;

    /// <summary>Seconds until a dispatcher has read another one's dispatches and completions.</summary>
    public double ReadBackS { get; init; } = .1;

    /// <summary>When spot instances come and go; empty: all VMs stay.</summary>
    public IReadOnlyList<SpotTrace> Spot { get; init; } = [];

    /// <summary>Share of the VMs that are spot instances.</summary>
    public double SpotShare { get; init; } = .5;

    /// <summary>In the middle third of the run one tenant calls so many times as often.</summary>
    public double Burst { get; init; } = 1;

    /// <summary>Calls carry a deadline (<see cref="Measures.DeadlineOf"/> of their function's mean service time), and are rejected where they are not expected to meet it.</summary>
    public bool Deadlines { get; init; }

    /// <summary>Calls in flight for each core expected free, beyond which calls wait for their tenant's turn as in the service, tenants by weight of their usual work; 0: nobody waits.</summary>
    public double CallsPerCore { get; init; }

    public double ColdStartS { get; init; } = ExecutionModel.ColdStartS;

    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(10);

    public PolicyOptions Policies { get; init; } = new();
}
