using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Expected completion time of a call on a VM: <c>(d + k [not warm]) * max(1, (n + 1) / C) + lambda * P(busy within d) * (d + k)</c>, with
/// d and k the function's expected service time and cold start, n the calls in flight and C the cores expected free (<see cref="Capacity"/>).
/// The risk counts only with a current prediction.
/// </summary>
public readonly ref struct CostModel
{
    private readonly FleetState fleet;
    private readonly ulong hash;
    private readonly double serviceS;
    private readonly double coldStartS;
    private readonly double lambda;

    public CostModel(FleetState fleet, in CallRequest call, double lambda)
    {
        this.fleet = fleet;
        this.lambda = lambda;
        hash = call.Hash;
        serviceS = fleet.Functions.ServiceS[call.Function];
        coldStartS = fleet.Functions.ColdStartS[call.Function];
    }

    /// <summary>What is to be expected of a VM; the score is the cost.</summary>
    public VmOption Estimate(int vm, bool warm)
    {
        VmTable vms = fleet.Vms;
        float free = fleet.FreeShare(vm, out SignalRung rung);
        double ratio = Capacity.Ratio(vms.Cores[vm], free, vms.InFlight[vm]);
        double cost = (warm ? serviceS : serviceS + coldStartS) * Capacity.Slowdown(ratio);
        if (rung == SignalRung.Prediction) cost += lambda * fleet.Forecasts.BusyWithin(vm, serviceS) * (serviceS + coldStartS);
        return new VmOption
        {
            Vm = vm,
            Score = cost,
            CostS = cost,
            Ratio = ratio,
            Tie = SplitMix.Mix(hash ^ vms.NameHash[vm]),
            Warm = warm,
            InFlight = vms.InFlight[vm],
            FreeShare = free,
            Rung = rung,
        };
    }
}
