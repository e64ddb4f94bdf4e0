using Pipeline.Infra.Traces;

namespace Pipeline.Processors.TimeAware;

/// <summary>A group's use of its cores over a whole trace.</summary>
/// <param name="Name">As in <see cref="GroupOutlook"/>.</param>
/// <param name="Community">0: the whole cell.</param>
/// <param name="Vms">Members.</param>
/// <param name="Cores">Their cores.</param>
/// <param name="Share">[slot of the trace] share in use, over those that measured it; NaN: less than half of the cores did.</param>
internal sealed record GroupSeries(string Name, uint Community, int Vms, double Cores, double[] Share)
{
    public static GroupSeries Of(FleetTrace trace, string name, uint community, IReadOnlyList<int> members)
    {
        double[] share = new double[trace.SlotCount];
        double cores = members.Sum(m => (double)trace.Cores[m]);
        for (int slot = 0; slot < share.Length; slot++)
        {
            double used = 0, known = 0;
            foreach (int m in members)
            {
                float cpu = trace.CpuAt(slot, m);
                if (float.IsNaN(cpu)) continue;
                used += trace.Cores[m] * Math.Clamp(cpu, 0, 1);
                known += trace.Cores[m];
            }
            share[slot] = known * 2 >= cores && known > 0 ? used / known : double.NaN;
        }
        return new GroupSeries(name, community, members.Count, cores, share);
    }

    /// <summary>Mean and peak share over an hour's or slot's steps; NaN: less than half are known.</summary>
    public (double Mean, double Peak) Over(int first, int steps)
    {
        SlotTally tally = default;
        for (int s = Math.Max(0, first); s < Math.Min(first + steps, Share.Length); s++) tally.Add(Share[s]);
        return tally.Steps * 2 >= steps ? (tally.Mean, tally.Peak) : (double.NaN, double.NaN);
    }
}
