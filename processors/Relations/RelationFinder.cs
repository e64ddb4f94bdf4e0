using System.Runtime.InteropServices;
using Pipeline.Schemas;
using Kind = Pipeline.Schemas.EdgeList.Types.Kind;

namespace Pipeline.Processors.Relations;

/// <summary>Makes edges of what VMs tell of hypervisors, tenants and calls. A function of its input.</summary>
public static class RelationFinder
{
    /// <summary>
    /// What an edge of a kind adds: much less than a correlation, so that they decide only where similarity hardly does. VMs that call each
    /// other add up to <see cref="CallWeight"/>, half of it at <see cref="CallsHalf"/> calls a second.
    /// </summary>
    public const float HypervisorWeight = .1f, TenantWeight = .05f, CallWeight = .3f, CallsHalf = 1;

    /// <summary>In a group each VM has an edge to so many next ones, in a ring: all pairs of a tenant with 10,000 VMs would be 50 million.</summary>
    private const int Successors = 4;

    /// <summary>Finds them, by kind, then by rows.</summary>
    /// <param name="vms">[N] names, ordinal order.</param>
    /// <param name="relations">[N].</param>
    public static IReadOnlyList<Relation> Find(IReadOnlyList<string> vms, ReadOnlySpan<VmRelations> relations)
    {
        List<Relation> found = [];
        AddGroups(found, Kind.Hypervisor, relations, r => r.Hypervisor, HypervisorWeight);
        AddGroups(found, Kind.Tenant, relations, r => r.Tenant, TenantWeight);
        AddCalls(found, vms, relations);
        return found;
    }

    private static void AddGroups(List<Relation> found, Kind kind, ReadOnlySpan<VmRelations> relations, Func<VmRelations, ulong> groupOf, float weight)
    {
        Dictionary<ulong, List<int>> groups = [];
        for (int row = 0; row < relations.Length; row++)
        {
            if (groupOf(relations[row]) is not (not 0 and ulong group)) continue;
            (CollectionsMarshal.GetValueRefOrAddDefault(groups, group, out _) ??= []).Add(row);
        }
        int first = found.Count;
        foreach (List<int> rows in groups.Values)
            for (int i = 0; i < rows.Count; i++)
                for (int next = 1; next <= Math.Min(Successors, rows.Count / 2); next++)
                {
                    // Half way round a ring is the same edge from both ends.
                    if (2 * next == rows.Count && i >= next) continue;
                    int other = rows[(i + next) % rows.Count];
                    found.Add(new Relation(kind, Math.Min(rows[i], other), Math.Max(rows[i], other), weight));
                }
        CollectionsMarshal.AsSpan(found)[first..].Sort((a, b) => (a.From, a.To).CompareTo((b.From, b.To)));
    }

    /// <summary>Calls of both directions count together; to VMs that are not there they do not.</summary>
    private static void AddCalls(List<Relation> found, IReadOnlyList<string> vms, ReadOnlySpan<VmRelations> relations)
    {
        Dictionary<string, int>? rows = null;
        SortedDictionary<(int From, int To), double> rates = [];
        for (int row = 0; row < relations.Length; row++)
        {
            foreach (CallRate call in relations[row].Calls)
            {
                rows ??= vms.Index().ToDictionary(v => v.Item, v => v.Index, StringComparer.Ordinal);
                if (!rows.TryGetValue(call.Vm, out int other) || other == row) continue;
                (int, int) pair = (Math.Min(row, other), Math.Max(row, other));
                rates[pair] = rates.GetValueOrDefault(pair) + call.PerS;
            }
        }
        foreach (((int from, int to), double rate) in rates) found.Add(new Relation(Kind.Calls, from, to, (float)(CallWeight * rate / (rate + CallsHalf))));
    }
}
