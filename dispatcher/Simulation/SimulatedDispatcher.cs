using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>One dispatcher: what it believes, and how it decides.</summary>
internal sealed class SimulatedDispatcher
{
    private readonly Choice choice = new();
    private readonly int[] functionRows;

    public SimulatedDispatcher(Scenario scenario, IPolicy policy, SimulationOptions options, bool feedback)
    {
        Policy = policy;
        // What the platform stops ends here too, so no completion is ever missing.
        Fleet = new FleetState(new FleetOptions { KeepAlive = options.KeepAlive, CallTimeout = TimeSpan.FromDays(365), LiveFeedback = feedback });
        for (int v = 0; v < scenario.Vms.Count; v++) Fleet.Describe(Fleet.VmRow(scenario.Vms[v]), "cell-0", (float)scenario.Cores[v], scenario.MemoryBytes[v], 0);
        functionRows = [.. scenario.Functions.Select(f => Fleet.FunctionRow(f.Name))];
    }

    public IPolicy Policy { get; }

    public FleetState Fleet { get; }

    public int FunctionRow(int function) => functionRows[function];

    /// <summary>Decides; null: rejected.</summary>
    public VmOption? Decide(in CallRequest call)
    {
        choice.Clear();
        Policy.Decide(call, Fleet, choice);
        return choice.RejectCode is null ? choice.Best[0] : null;
    }
}
