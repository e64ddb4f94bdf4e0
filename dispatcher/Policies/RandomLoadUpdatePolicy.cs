using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// CH-RLU, consistent hashing with random load updates (Fuerst and Sharma, HPDC 2022): clockwise from the function's hash, a popular function takes
/// the first VM whose load and some noise are within the bound, another one goes on while a cold start costs less than waiting. Load is calls in flight per core. After a full
/// circle a random VM. To compare against.
/// </summary>
public sealed class RandomLoadUpdatePolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "ch-rlu";

    private const double Bound = 1.2, MostNoise = .2, NoiseDeviation = .1;

    private readonly HashRing ring = new();
    private readonly ArrivalRates rates = new();

    public string Name => PolicyName;

    /// <summary>The load that a function that is not popular still accepts: min(cold / warm, 1.2 (bound + 1)) - 1.</summary>
    public static double Acceptable(double coldS, double warmS) => Math.Min(coldS / warmS, 1.2 * (Bound + 1)) - 1;

    /// <summary>Mean of the noise: what the function adds to each VM's load while load is not updated, .2 at most.</summary>
    public static double NoiseMean(double perSecond, double serviceS, int vms, double cores) => Math.Min(MostNoise, perSecond * serviceS / vms / cores);

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        rates.See(call.Function, fleet.ClockMs);
        ring.Follow(vms);
        int found = -1;
        if (ring.Length > 0)
        {
            double service = fleet.Functions.ServiceS[call.Function], cold = service + fleet.Functions.ColdStartS[call.Function], acceptable = Acceptable(cold, service);
            bool popular = rates.IsPopular(call.Function);
            SplitMix random = new(call.Hash);
            int start = ring.PlaceOf(SplitMix.Mix(NameHash.Of(fleet.Functions.Name[call.Function])));
            for (int i = 0; i < ring.Length && found < 0; i++)
            {
                int vm = ring.VmAt(start + i);
                double load = vms.InFlight[vm] / vms.Cores[vm];
                bool accepts = popular ? load + NoiseMean(rates.PerSecond(call.Function), service, vms.LiveCount, vms.Cores[vm]) + (NoiseDeviation * Normal(ref random)) <= Bound : load <= acceptable;
                if (accepts && vms.Fits(vm, call.MemoryBytes)) found = vm;
            }
            if (found < 0)
            {
                Span<int> one = stackalloc int[1];
                if (Probes.Draw(call, vms, one) == 1) found = one[0];
            }
        }
        SingleOffer.Make(call, fleet, options, found, choice);
    }

    // Box and Muller.
    private static double Normal(ref SplitMix random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
