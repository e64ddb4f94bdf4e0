using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Prequal's hot-cold lexicographic rule (Wydrowski et al., NSDI 2024): of a few probed VMs those with as many calls in flight as the .84
/// quantile of recent probes are hot. All hot: fewest in flight; else the cold one with the least estimated latency. To compare against.
/// </summary>
public sealed class PrequalPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "prequal";

    private const int ProbeCount = 3, Recent = 128;

    private const double HotQuantile = .84;

    private readonly int[] recent = new int[Recent];
    private readonly int[] sorted = new int[Recent];
    private long probed;

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        Span<int> probes = stackalloc int[ProbeCount];
        probes = probes[..Probes.Draw(call, fleet.Vms, probes)];
        foreach (int vm in probes) recent[probed++ % Recent] = fleet.Vms.InFlight[vm];
        int hot = HotFrom(recent.AsSpan(0, (int)Math.Min(probed, Recent)));
        CostModel model = new(fleet, call, options);
        foreach (int vm in probes)
            if (fleet.Vms.InFlight[vm] < hot) choice.Offer(model.Estimate(vm, fleet.IsWarm(vm, call.Function)));
        if (choice.Considered == 0) SingleOffer.Make(call, fleet, options, LeastLoaded.Among(probes, call, fleet.Vms), choice);
    }

    // The smallest value that so much of all is not above.
    private int HotFrom(ReadOnlySpan<int> values)
    {
        if (values.IsEmpty) return 0;
        Span<int> copy = sorted.AsSpan(0, values.Length);
        values.CopyTo(copy);
        copy.Sort();
        return copy[(int)Math.Ceiling(HotQuantile * values.Length) - 1];
    }
}
