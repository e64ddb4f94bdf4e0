using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>The answer of a policy that has made up its mind.</summary>
internal static class SingleOffer
{
    /// <summary>Offers the VM with what is to be expected of it; below 0: none, and then the call is rejected.</summary>
    public static void Make(in CallRequest call, FleetState fleet, PolicyOptions options, int vm, Choice choice)
    {
        if (vm < 0) choice.RejectNothingOffered(fleet);
        else choice.Offer(new CostModel(fleet, call, options).Estimate(vm, fleet.IsWarm(vm, call.Function)));
    }
}
