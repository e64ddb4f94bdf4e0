namespace Pipeline.Processors.TimeAware;

/// <summary>What scaling aims at.</summary>
/// <param name="Share">Share of invocations that are to meet their deadline, 0..1: those that come in a step in which the VMs are not busier than <paramref name="Target"/>.</param>
/// <param name="Target">Utilisation from which VMs are busy: calls that come then are late.</param>
/// <param name="Slots">Slots ahead that are planned.</param>
public sealed record ScaleRequest(double Share = .99, double Target = .8, int Slots = 6);

/// <summary>How many VMs a place should have in a slot, and what it costs to be wrong.</summary>
/// <param name="Place">Name of a community, a cell or the fleet.</param>
/// <param name="StartUnixMs">The slot.</param>
/// <param name="Vms">VMs that it has now.</param>
/// <param name="VmsWanted">VMs of its mean size that the share asks for.</param>
/// <param name="Wanted">With that number.</param>
/// <param name="Fewer">With one less.</param>
/// <param name="More">With one more.</param>
public sealed record ScaleAdvice(string Place, long StartUnixMs, int Vms, int VmsWanted, ScaleCost Wanted, ScaleCost Fewer, ScaleCost More)
{
    /// <summary>VMs to add, or to remove where below 0.</summary>
    public int Change => VmsWanted - Vms;
}

/// <summary>What a number of VMs leads to.</summary>
/// <param name="LateProbability">Probability that some step of the slot has calls that are late.</param>
/// <param name="MissingCores">Cores by which the busiest step is expected to be above the target, zeros counted.</param>
/// <param name="IdleCoreHours">Core-hours that are expected to be there and not used.</param>
public readonly record struct ScaleCost(double LateProbability, double MissingCores, double IdleCoreHours);

/// <summary>
/// How many VMs are wanted in the next hours. The number is the least at which the busiest step of the slot stays below the target with the
/// probability asked for. A slot counts as late when one of its steps is, so the share of calls in time is at least that.
/// </summary>
public static class ScaleAdvisor
{
    /// <summary>One for each slot ahead; none where too little is known.</summary>
    public static IReadOnlyList<ScaleAdvice> Plan(GroupOutlook place, SlotClock clock, ScaleRequest request)
    {
        List<ScaleAdvice> plan = [];
        if (place.Vms == 0 || place.Cpu.Now == long.MinValue) return plan;
        double vm = place.Cores / place.Vms;
        for (int ahead = 1; ahead <= Math.Min(request.Slots, place.Cpu.Horizon); ahead++)
        {
            double demand = place.Cpu.PeakAt(ahead, request.Share) * place.Cores;
            if (double.IsNaN(demand)) continue;
            int wanted = (int)Math.Max(1, Math.Ceiling((demand / request.Target / vm) - 1e-9));
            plan.Add(new ScaleAdvice(place.Name, clock.StartUnixMs(place.Cpu.Now + ahead), place.Vms, wanted, Cost(wanted), Cost(Math.Max(1, wanted - 1)), Cost(wanted + 1)));

            ScaleCost Cost(int vms)
            {
                double cores = vms * vm;
                (double probability, double excess) = place.Cpu.Above(ahead, request.Target * cores / place.Cores);
                double used = place.Cpu.At(ahead).Share * place.Cores;
                return new ScaleCost(probability, excess * place.Cores, Math.Max(0, cores - used) * clock.SlotMinutes / 60);
            }
        }
        return plan;
    }
}
