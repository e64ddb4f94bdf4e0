using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Crane's dynamic scheduler: of the VMs below 65 % in the last five minutes and below 75 % at the hour's most, the one with the highest weighted
/// mean of what is free over five minutes (.2), an hour (.3) and a day (.5), less ten times its hot value, here the calls in flight per core: Crane counts
/// what was bound in the last minutes. When none passes, the least loaded. To compare against.
/// </summary>
public sealed class CranePolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "crane";

    private const double MostOfMinutes = .65, MostOfHour = .75;

    private const double MinutesWeight = .2, HourWeight = .3, DayWeight = .5, HotWeight = 10;

    public string Name => PolicyName;

    /// <summary>The weights sum up to one.</summary>
    public static double Score(double minutes, double hour, double day, double hot) =>
        (100 * ((MinutesWeight * (1 - minutes)) + (HourWeight * (1 - hour)) + (DayWeight * (1 - day)))) - (HotWeight * hot);

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        BestOf best = new(call, vms);
        foreach (int vm in vms.Live)
        {
            if (!vms.Fits(vm, call.MemoryBytes)) continue;
            double last = fleet.History.Last(vm);
            (double hour, _, double most) = fleet.History.Hour(vm);
            if (last > MostOfMinutes || most > MostOfHour) continue;
            best.Offer(vm, Score(last, hour, fleet.History.Day(vm), vms.InFlight[vm] / vms.Cores[vm]));
        }
        SingleOffer.Make(call, fleet, options, best.Vm >= 0 ? best.Vm : LeastLoaded.Among(vms.Live, call, vms), choice);
    }
}
