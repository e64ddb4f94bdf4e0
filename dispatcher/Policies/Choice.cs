using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>What a policy came to: the best few VMs in order, or a rejection. Reused from decision to decision.</summary>
public sealed class Choice
{
    /// <summary>The VM chosen and the four next best: what a person asks about.</summary>
    public const int Kept = 5;

    private readonly VmOption[] best = new VmOption[Kept];
    private readonly int[] rungs = new int[Enum.GetValues<SignalRung>().Length];
    private int count;

    /// <summary>Best first; at most <see cref="Kept"/>.</summary>
    public ReadOnlySpan<VmOption> Best => best.AsSpan(0, count);

    /// <summary>VMs that were offered.</summary>
    public int Considered { get; private set; }

    /// <summary>Code of a rejection, see <see cref="Schemas.RejectCodes"/>; null: the best is chosen.</summary>
    public string? RejectCode { get; private set; }

    /// <summary>VMs offered whose free share came from this signal.</summary>
    public int OfRung(SignalRung rung) => rungs[(int)rung];

    public void Clear()
    {
        count = 0;
        Considered = 0;
        RejectCode = null;
        Array.Clear(rungs);
    }

    public void Offer(in VmOption option)
    {
        Considered++;
        rungs[(int)option.Rung]++;
        if (count == Kept && !option.Beats(best[^1])) return;
        int at = count < Kept ? count++ : Kept - 1;
        for (; at > 0 && option.Beats(best[at - 1]); at--) best[at] = best[at - 1];
        best[at] = option;
    }

    /// <summary>Counts a VM whose score is no lower than this, if all those kept beat it; false: it has to be offered.</summary>
    public bool PassesOver(double score, double ratio, SignalRung rung)
    {
        if (count < Kept || score < best[^1].Score || (score == best[^1].Score && ratio <= best[^1].Ratio)) return false;
        Considered++;
        rungs[(int)rung]++;
        return true;
    }

    public void Reject(string code) => RejectCode = code;

    /// <summary>For a policy to call when it was through and offered nothing.</summary>
    public void RejectNothingOffered(FleetState fleet) => Reject(fleet.Vms.LiveCount == 0 ? Schemas.RejectCodes.NoFleet : Schemas.RejectCodes.NoMemory);
}
