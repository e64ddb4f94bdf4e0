using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// Runs a scenario with a policy and a signal, event by event. The policy decides on the same <see cref="FleetState"/> as in the service;
/// dispatches, completions and containers are known at once, so the state's containers are the real ones.
/// </summary>
public sealed class Simulator
{
    private readonly Scenario scenario;
    private readonly SimulationOptions options;
    private readonly IPolicy policy;
    private readonly string signal;
    private readonly FleetState fleet;
    private readonly SimulatedVm[] vms;
    private readonly EndHeap ends;
    private readonly Choice choice = new();
    private readonly CallResult[] results;
    private readonly int[] functionRows;

    public Simulator(Scenario scenario, IPolicy policy, string signal, SimulationOptions options)
    {
        this.scenario = scenario;
        this.policy = policy;
        this.signal = signal;
        this.options = options;
        // What the platform stops ends here too, so no completion is ever missing.
        fleet = new FleetState(new FleetOptions { KeepAlive = options.KeepAlive, CallTimeout = TimeSpan.FromDays(365) });
        vms = [.. scenario.Cores.Select(c => new SimulatedVm(c))];
        ends = new EndHeap(vms.Length);
        results = new CallResult[scenario.Calls.Length];
        functionRows = [.. scenario.Functions.Select(f => fleet.FunctionRow(f.Name))];
        for (int v = 0; v < vms.Length; v++) fleet.Describe(fleet.VmRow(scenario.Vms[v]), "cell-0", (float)scenario.Cores[v], scenario.MemoryBytes[v], 0);
    }

    public Measures Run()
    {
        int nextCall = 0, slot = 0;
        double slotS = 0;
        while (true)
        {
            double arrivalS = nextCall < results.Length ? scenario.Calls[nextCall].ArrivalS : double.PositiveInfinity;
            double endS = ends.FirstTime;
            if (double.IsPositiveInfinity(Math.Min(arrivalS, endS))) break;
            if (slotS <= Math.Min(arrivalS, endS))
            {
                BeginSlot(slot, slotS);
                slotS = ++slot * scenario.SlotS;
            }
            else if (endS <= arrivalS)
            {
                End(ends.First, endS);
            }
            else
            {
                Arrive(nextCall++);
            }
        }
        return Measures.Of(scenario, results, [.. vms.Select(v => v.WorkS)]);
    }

    private static long Ms(double seconds) => (long)(seconds * 1000);

    private void BeginSlot(int slot, double timeS)
    {
        fleet.AdvanceTo(Ms(timeS));
        for (int v = 0; v < vms.Length; v++)
        {
            vms[v].SetOwnLoad(scenario.OwnLoadAt(slot, v), timeS);
            ends.Set(v, vms[v].NextEndS);
        }
        SignalFeed.Tell(signal, scenario, slot, (int)Math.Ceiling(options.StaleMinutes * 60 / scenario.SlotS), fleet);
    }

    private void Arrive(int index)
    {
        SimulatedCall call = scenario.Calls[index];
        fleet.AdvanceTo(Ms(call.ArrivalS));
        int function = functionRows[call.Function];
        long bytes = (long)scenario.Functions[call.Function].MemoryBytes;
        choice.Clear();
        CallRequest request = new(SplitMix.Mix((ulong)index ^ SplitMix.Mix((ulong)scenario.Seed)), function, scenario.Functions[call.Function].Tenant, bytes, double.PositiveInfinity);
        policy.Decide(request, fleet, choice);
        if (choice.RejectCode is not null)
        {
            results[index] = CallResult.Rejected;
            return;
        }
        VmOption chosen = choice.Best[0];
        bool cold = !fleet.IsWarm(chosen.Vm, function);
        fleet.Start((UInt128)index, chosen.Vm, function, bytes, Capacity.Slowdown(chosen.Ratio));
        results[index] = new CallResult(double.NaN, cold);
        vms[chosen.Vm].Start(index, call.ServiceS + (cold ? options.ColdStartS : 0), call.ArrivalS);
        ends.Set(chosen.Vm, vms[chosen.Vm].NextEndS);
    }

    private void End(int vm, double timeS)
    {
        int index = vms[vm].End(timeS);
        ends.Set(vm, vms[vm].NextEndS);
        SimulatedCall call = scenario.Calls[index];
        bool cold = results[index].Cold;
        double wallS = timeS - call.ArrivalS, cpuS = call.ServiceS + (cold ? options.ColdStartS : 0);
        results[index] = new CallResult(timeS, cold);
        fleet.AdvanceTo(Ms(timeS));
        // The cold start's part of the wall time, as if the rate had been the same throughout.
        double coldStartS = cold && cpuS > 0 ? wallS * options.ColdStartS / cpuS : 0;
        fleet.Finish((UInt128)index, new CallOutcome(Ms(timeS), wallS, coldStartS, cpuS, Succeeded: true));
    }
}
