using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, SODA 2018): clockwise from the function's hash the first VM with
/// the memory and fewer calls in flight than 1.25 times the mean, the new call counted in and rounded up. To compare against.
/// </summary>
public sealed class BoundedLoadsPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "ch-bl";

    private readonly HashRing ring = new();

    public string Name => PolicyName;

    /// <summary>The number of calls that no VM reaches before a call is given to it: ceil(1.25 (in flight + 1) / VMs).</summary>
    public static int Limit(int inFlight, int vms) => ((5 * (inFlight + 1)) + (4 * vms) - 1) / (4 * vms);

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        ring.Follow(vms);
        int found = -1;
        if (ring.Length > 0)
        {
            int inFlight = 0;
            foreach (int vm in vms.Live) inFlight += vms.InFlight[vm];
            int limit = Limit(inFlight, vms.LiveCount), start = ring.PlaceOf(SplitMix.Mix(NameHash.Of(fleet.Functions.Name[call.Function])));
            for (int i = 0; i < ring.Length && found < 0; i++)
            {
                int vm = ring.VmAt(start + i);
                if (vms.InFlight[vm] < limit && vms.Fits(vm, call.MemoryBytes)) found = vm;
            }
            // Only where those below the limit lack the memory.
            if (found < 0) found = LeastLoaded.Among(vms.Live, call, vms);
        }
        SingleOffer.Make(call, fleet, options, found, choice);
    }
}
