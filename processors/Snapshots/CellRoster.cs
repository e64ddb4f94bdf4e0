namespace Pipeline.Processors.Snapshots;

/// <summary>The VMs of a cell: since when they are known, and when they were last heard.</summary>
public sealed class CellRoster
{
    private readonly SortedDictionary<string, VmEntry> vms = new(StringComparer.Ordinal);

    /// <summary>VMs that were known at the end of a step, in ordinal order of their names.</summary>
    public List<VmEntry> KnownAt(long step)
    {
        List<VmEntry> known = new(vms.Count);
        foreach (VmEntry vm in vms.Values)
            if (vm.FirstKnown <= step) known.Add(vm);
        return known;
    }

    public VmEntry? Find(string name) => vms.GetValueOrDefault(name);

    public void Add(VmEntry vm) => vms.Add(vm.Name, vm);

    public void Remove(VmEntry vm) => vms.Remove(vm.Name);
}
