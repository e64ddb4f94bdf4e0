using Pipeline.Local.Audit;
using Pipeline.Schemas;

namespace Pipeline.Local.Report;

/// <summary>The fleet as a picture: VMs in the order of their communities, steps along the time.</summary>
/// <param name="Vms">Row names.</param>
/// <param name="Communities">Community of each row, in words.</param>
/// <param name="Ends">Column times: step ends.</param>
/// <param name="Utilization">Own CPU utilisation, share of the VM's cores, [VM][step]; NaN where there was no report.</param>
public sealed record FleetMap(IReadOnlyList<string> Vms, IReadOnlyList<string> Communities, IReadOnlyList<DateTime> Ends, IReadOnlyList<double[]> Utilization)
{
    /// <summary>A page shows so many VMs at most; a larger fleet is thinned out evenly within the order of communities.</summary>
    private const int VmsMax = 300;

    public static FleetMap Of(TopicAudit audit)
    {
        long[] ends = [.. audit.Fleet.Vms.Values.SelectMany(h => h.Keys).Distinct().Order()];
        Dictionary<uint, int> sizes = audit.CommunityOf.Values.GroupBy(c => c).ToDictionary(g => g.Key, g => g.Count());
        // Largest community first, so that what belongs together stands out; VMs that belong to nobody come last.
        List<string> vms = [.. audit.Fleet.Vms.Keys
            .OrderByDescending(v => sizes.GetValueOrDefault(audit.CommunityOf.GetValueOrDefault(v)))
            .ThenBy(v => audit.CommunityOf.GetValueOrDefault(v))
            .ThenBy(v => v, StringComparer.Ordinal)];
        int every = (vms.Count + VmsMax - 1) / VmsMax;
        vms = [.. vms.Where((_, i) => i % every == 0)];
        return new FleetMap(
            vms,
            [.. vms.Select(v => audit.CommunityOf.GetValueOrDefault(v) is var c && sizes.GetValueOrDefault(c) > 1 ? $"community {c}" : "alone")],
            [.. ends.Select(e => DateTimeOffset.FromUnixTimeMilliseconds(e).UtcDateTime)],
            [.. vms.Select(v => ends.Select(e => Cpu(audit.Fleet.Vms[v], e)).ToArray())]);
    }

    private static double Cpu(SortedDictionary<long, VmStep> history, long end) =>
        history.TryGetValue(end, out VmStep? step) && step.Own is { HasCpuUtilization: true } own ? own.CpuUtilization : double.NaN;
}
