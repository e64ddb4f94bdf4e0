using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Min-worker-set (Zhang et al., "Faster and Cheaper Serverless Computing on Harvested Resources", SOSP 2021): each function keeps to as few VMs from its home
/// on as offer the CPU and memory that its rate needs, counting no VM beyond 70 %; the set grows at once and shrinks by one VM a minute. The
/// call goes to the least loaded of the set with room, and when none has, to the least loaded of all. To compare against.
/// </summary>
public sealed class MinWorkerSetPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "min-worker-set";

    private const double MostUsed = .7;

    private const long ShrinkMs = 60_000;

    private readonly ArrivalRates rates = new();
    private int[] sizes = [];
    private long[] shrunkMs = [];

    public string Name => PolicyName;

    /// <summary>What a VM offers: its cores up to 70 %, what its own load takes left out.</summary>
    public static double Offer(double cores, double freeShare) => Math.Max(0, (MostUsed * cores) - (cores * (1 - freeShare)));

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        rates.See(call.Function, fleet.ClockMs);
        ReadOnlySpan<int> live = vms.Live;
        int found = -1;
        if (!live.IsEmpty)
        {
            int home = (int)(NameHash.Of(fleet.Functions.Name[call.Function]) % (ulong)live.Length), size = Size(call, fleet, home);
            for (int i = 0; i < size; i++)
            {
                int vm = live[(home + i) % live.Length];
                if (!vms.Fits(vm, call.MemoryBytes) || vms.InFlight[vm] >= Offer(vms.Cores[vm], fleet.FreeShare(vm, out _))) continue;
                if (found < 0 || vms.InFlight[vm] < vms.InFlight[found]) found = vm;
            }
            if (found < 0) found = LeastLoaded.Among(live, call, vms);
        }
        SingleOffer.Make(call, fleet, options, found, choice);
    }

    private int Size(in CallRequest call, FleetState fleet, int home)
    {
        VmTable vms = fleet.Vms;
        ReadOnlySpan<int> live = vms.Live;
        double running = rates.PerSecond(call.Function) * fleet.Functions.ServiceS[call.Function];
        double service = fleet.Functions.ServiceS[call.Function];
        double needCores = running * (service > 0 ? Math.Min(1, fleet.Functions.CpuS[call.Function] / service) : 1), needBytes = running * call.MemoryBytes;
        int size = 0;
        double cores = 0, bytes = 0;
        while (size < live.Length && (size == 0 || cores < needCores || bytes < needBytes))
        {
            int vm = live[(home + size++) % live.Length];
            cores += Offer(vms.Cores[vm], fleet.FreeShare(vm, out _));
            bytes += MostUsed * vms.MemoryBytes[vm];
        }
        return Slowly(call.Function, size, live.Length, fleet.ClockMs);
    }

    private int Slowly(int function, int size, int most, long nowMs)
    {
        if (function >= sizes.Length)
        {
            Array.Resize(ref sizes, Math.Max(function + 1, Math.Max(64, sizes.Length * 2)));
            Array.Resize(ref shrunkMs, sizes.Length);
        }
        if (size >= sizes[function])
        {
            (sizes[function], shrunkMs[function]) = (size, nowMs);
        }
        else if (nowMs - shrunkMs[function] >= ShrinkMs)
        {
            sizes[function]--;
            shrunkMs[function] = nowMs;
        }
        return Math.Min(sizes[function], most);
    }
}
