using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Tenancy;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

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
        Fleet = new FleetState(new FleetOptions { KeepAlive = options.KeepAlive, CallTimeout = Timeout.InfiniteTimeSpan, LiveFeedback = feedback });
        for (int v = 0; v < scenario.Vms.Count; v++) Fleet.Describe(Fleet.VmRow(scenario.Vms[v]), "cell-0", (float)scenario.Cores[v], scenario.MemoryBytes[v], 0);
        if (options.CallsPerCore > 0)
        {
            Fleet.Tenants.Apply(new Tenant { Name = TenantValidator.Everyone, CallsPerCore = options.CallsPerCore });
            foreach ((string tenant, double share) in scenario.TenantShares) Fleet.Tenants.Apply(new Tenant { Name = tenant, Weight = share });
            Turns = new Turns(Fleet);
        }
        functionRows = [.. scenario.Functions.Select(f => Fleet.FunctionRow(f.Name))];
    }

    public IPolicy Policy { get; }

    public FleetState Fleet { get; }

    /// <summary>Where calls wait; null where nobody waits.</summary>
    public Turns? Turns { get; }

    public int FunctionRow(int function) => functionRows[function];

    /// <summary>Decides; null: rejected.</summary>
    public VmOption? Decide(in CallRequest call)
    {
        choice.Clear();
        Policy.Decide(call, Fleet, choice);
        return choice.RejectCode is null ? choice.Best[0] : null;
    }
}
