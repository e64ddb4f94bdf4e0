using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>The first live VM with the memory from a place on.</summary>
internal static class FirstFit
{
    /// <summary>Offers it, and returns its place in <see cref="VmTable.Live"/>; -1 when there is none, and then the call is rejected.</summary>
    public static int Offer(in CallRequest call, FleetState fleet, PolicyOptions options, int start, Choice choice)
    {
        ReadOnlySpan<int> live = fleet.Vms.Live;
        for (int i = 0; i < live.Length; i++)
        {
            int at = (start + i) % live.Length;
            if (!fleet.Vms.Fits(live[at], call.MemoryBytes)) continue;
            choice.Offer(new CostModel(fleet, call, options).Estimate(live[at], fleet.IsWarm(live[at], call.Function)));
            return at;
        }
        choice.RejectNothingOffered(fleet);
        return -1;
    }
}
