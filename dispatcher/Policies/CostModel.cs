using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Expected completion time of a call on a VM: <c>(d + k [not warm]) * max(1, (n + 1) / C) + lambda * P(busy within d) * (d + k)</c>, with
/// d and k the function's expected service time and cold start, n the calls in flight and C the cores expected free (<see cref="Capacity"/>).
/// The risk counts only with a current prediction. Cold starts of others, whose idle containers give way, are added if wanted
/// (<see cref="PolicyOptions.KeepWarm"/>; the idea of FaasCache: Fuerst, Sharma, ASPLOS 2021).
/// </summary>
public readonly ref struct CostModel
{
    /// <summary>Containers that may have to give way are looked at up to so many: a decision stays short.</summary>
    private const int ContainersMax = 32;

    private readonly FleetState fleet;
    private readonly ulong hash;
    private readonly double serviceS;
    private readonly double coldStartS;
    private readonly double lambda;
    private readonly double keepWarm;
    private readonly long memoryBytes;
    private readonly double dueServiceS;
    private readonly double dueColdStartS;

    /// <param name="fleet">What is believed.</param>
    /// <param name="call">The call.</param>
    /// <param name="options">Constants.</param>
    public CostModel(FleetState fleet, in CallRequest call, PolicyOptions options)
    {
        this.fleet = fleet;
        (lambda, keepWarm, memoryBytes) = (options.Lambda, options.KeepWarm, call.MemoryBytes);
        hash = call.Hash;
        serviceS = fleet.Functions.ServiceS[call.Function];
        coldStartS = fleet.Functions.ColdStartS[call.Function];
        (dueServiceS, dueColdStartS) = Due(fleet, call, options.DeadlineMisses);
    }

    /// <summary>Service time and cold start that are held against the call's deadline, seconds; nothing where it is the expected cost.</summary>
    public static (double ServiceS, double ColdStartS) Due(FleetState fleet, in CallRequest call, double deadlineMisses) =>
        deadlineMisses == 0 || double.IsPositiveInfinity(call.DeadlineS) ? default
        : (fleet.Functions.ServiceQuantile(call.Function, 1 - deadlineMisses), fleet.Functions.ColdStartQuantile(call.Function, 1 - deadlineMisses));

    /// <summary>Offers a VM by its cost; one that all those kept beat is only counted.</summary>
    public void Offer(int vm, bool warm, Choice choice)
    {
        float free = fleet.FreeShare(vm, out SignalRung rung);
        double ratio = Capacity.Ratio(fleet.Vms.Cores[vm], free, fleet.Vms.InFlight[vm]);
        // What comes on top of the slowed service time is never negative.
        if (!choice.PassesOver((warm ? serviceS : serviceS + coldStartS) * Capacity.Slowdown(ratio), ratio, rung)) choice.Offer(Estimate(vm, warm, free, ratio, rung));
    }

    /// <summary>What is to be expected of a VM; the score is the cost.</summary>
    public VmOption Estimate(int vm, bool warm)
    {
        float free = fleet.FreeShare(vm, out SignalRung rung);
        return Estimate(vm, warm, free, Capacity.Ratio(fleet.Vms.Cores[vm], free, fleet.Vms.InFlight[vm]), rung);
    }

    private VmOption Estimate(int vm, bool warm, float free, double ratio, SignalRung rung)
    {
        VmTable vms = fleet.Vms;
        double loss = keepWarm > 0 && !warm ? keepWarm * WarmLossS(vm) : 0;
        double cost = Cost(vm, warm, ratio, rung, fleet.Forecasts) + loss;
        return new VmOption
        {
            Vm = vm,
            Score = cost,
            CostS = cost,
            WarmLossS = loss,
            DueS = dueServiceS == 0 ? cost : (warm ? dueServiceS : dueServiceS + dueColdStartS) * Capacity.Slowdown(ratio),
            Ratio = ratio,
            Tie = SplitMix.Mix(hash ^ vms.NameHash[vm]),
            Warm = warm,
            InFlight = vms.InFlight[vm],
            FreeShare = free,
            Rung = rung,
        };
    }

    /// <summary>The cost of an option by the shadow prediction.</summary>
    public double ShadowCost(in VmOption option)
    {
        float free = fleet.Shadow!.FreeShare(option.Vm, fleet.ClockMs, out SignalRung rung);
        return Cost(option.Vm, option.Warm, Capacity.Ratio(fleet.Vms.Cores[option.Vm], free, option.InFlight), rung, fleet.Shadow.Forecasts) + option.WarmLossS;
    }

    // A function that comes back within what is left of its container's time has a cold start, unless another of its idle containers is taken.
    private double WarmLossS(int vm)
    {
        ContainerPool containers = fleet.Containers;
        long wanted = memoryBytes - (fleet.Vms.FreeBytes(vm) - containers.IdleBytes(vm));
        double loss = 0;
        for (int container = containers.Oldest(vm), i = 0; wanted > 0 && container >= 0 && i < ContainersMax; container = containers.Newer(container), i++)
        {
            wanted -= containers.BytesOf(container);
            int function = containers.FunctionOf(container);
            double calls = fleet.Functions.RatePerS(function, fleet.ClockMs) * Math.Max(0, containers.ExpiryMs(container) - fleet.ClockMs) / 1000;
            loss += fleet.Functions.ColdStartS[function] * (1 - Math.Exp(-calls)) / containers.IdleOf(function);
        }
        return loss;
    }

    private double Cost(int vm, bool warm, double ratio, SignalRung rung, ForecastTable forecasts)
    {
        double cost = (warm ? serviceS : serviceS + coldStartS) * Capacity.Slowdown(ratio);
        return rung == SignalRung.Prediction ? cost + (lambda * forecasts.BusyWithin(vm, serviceS) * (serviceS + coldStartS)) : cost;
    }
}
