using Pipeline.Local.Audit;
using Pipeline.Schemas;

namespace Pipeline.Local.Report;

/// <summary>The fleet as a picture: VMs in the order of their communities, steps along the time.</summary>
/// <param name="Vms">Row names: VM and community.</param>
/// <param name="Ends">Column times: step ends.</param>
/// <param name="Utilization">Own CPU utilisation in percent, [VM][step]; null where there was no report.</param>
public sealed record FleetMap(IReadOnlyList<string> Vms, IReadOnlyList<DateTime> Ends, IReadOnlyList<double?[]> Utilization)
{
    public static FleetMap Of(TopicAudit audit)
    {
        long[] ends = [.. audit.Fleet.Vms.Values.SelectMany(h => h.Keys).Distinct().Order()];
        // Largest community first, so that what belongs together stands out at the top.
        Dictionary<uint, int> sizes = audit.CommunityOf.Values.GroupBy(c => c).ToDictionary(g => g.Key, g => g.Count());
        var rows = audit.Fleet.Vms
            .Select(v => (Vm: v.Key, History: v.Value, Community: audit.CommunityOf.GetValueOrDefault(v.Key)))
            .OrderByDescending(v => sizes.GetValueOrDefault(v.Community)).ThenBy(v => v.Community).ThenBy(v => v.Vm, StringComparer.Ordinal)
            .ToList();
        return new FleetMap(
            [.. rows.Select(r => $"{r.Vm} · community {r.Community}")],
            [.. ends.Select(e => DateTimeOffset.FromUnixTimeMilliseconds(e).UtcDateTime)],
            [.. rows.Select(r => ends.Select(e => Cpu(r.History, e)).ToArray())]);
    }

    private static double? Cpu(SortedDictionary<long, VmStep> history, long end) =>
        history.TryGetValue(end, out VmStep? step) && step.Own is { HasCpuUtilization: true } own ? Math.Round(own.CpuUtilization * 100, 1) : null;
}
