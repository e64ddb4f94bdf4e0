using Pipeline.Predictor.Evaluation;

namespace Pipeline.Predictor.Samples;

/// <summary>
/// Draws the VMs of a snapshot that are worth learning from: all onsets, many of those that have been loaded of late, few of the idle and of
/// the busy ones. Each counts for those that it stands for, so that losses stay those of the whole fleet in the mean.
/// </summary>
/// <param name="steps">The longest horizon; what is not known so far ahead is not drawn.</param>
/// <param name="busy">Utilisation from which on a VM is busy.</param>
public sealed class QueryDraw(TraceTruth truth, int steps, float busy)
{
    /// <summary>Chances to be drawn: became busy within the horizon; had a load of <see cref="Loaded"/> in the last hour or will have; busy already; idle.</summary>
    private const double Onset = 1, Warm = .4, Busy = .15, Idle = .1;

    private const float Loaded = .3f;

    private const int HourSteps = 12;

    /// <summary>VMs and what each counts; all weights are 1 / VMs in the mean.</summary>
    public List<(int Vm, float Weight)> Draw(int slot, Random random)
    {
        List<(int, float)> drawn = [];
        for (int vm = 0; vm < truth.Vms; vm++)
        {
            double chance = Chance(slot, vm);
            if (random.NextDouble() < chance) drawn.Add((vm, (float)(1 / chance / truth.Vms)));
        }
        return drawn;
    }

    /// <summary>How likely a VM is to be drawn; 0 where its future is not known.</summary>
    public double Chance(int slot, int vm)
    {
        if (!truth.Known(slot, vm, steps)) return 0;
        float now = truth.Utilization(slot, vm), next = truth.Peak(slot, vm, steps);
        return now >= busy ? Busy
            : next >= busy ? Onset
            : next >= Loaded || now >= Loaded || truth.Peak(Math.Max(slot - HourSteps, -1), vm, HourSteps) >= Loaded ? Warm
            : Idle;
    }
}
