using System.Runtime.InteropServices;
using Pipeline.Processors.History;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Processors.Windows;

/// <summary>The VMs of a cell, by name and in ordinal order of their names.</summary>
internal sealed class VmDirectory
{
    /// <summary>As many as fit into the chunks of a snapshot.</summary>
    public const int VmsMax = (int)ChunkValidator.ChunksMax * Topics.ChunkVms;

    private readonly Dictionary<string, VmState> _byName;
    private readonly Dictionary<string, VmState>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly CellHistory history;
    private readonly List<VmState> _ordered = [];
    private bool _sorted = true;

    public VmDirectory(CellHistory history)
    {
        this.history = history;
        _byName = new Dictionary<string, VmState>(NameComparer.Instance);
        _byBytes = _byName.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public int Count => _byName.Count;

    /// <summary>Whether all VMs of these reports can be known at once.</summary>
    public bool HasRoomFor(IReadOnlyCollection<VmReport> reports)
    {
        int room = VmsMax - Count;
        return reports.Count <= room || reports.Select(r => r.Vm).Where(vm => !_byName.ContainsKey(vm)).Distinct(StringComparer.Ordinal).Count() <= room;
    }

    /// <summary>All VMs in ordinal order of their names.</summary>
    public ReadOnlySpan<VmState> Ordered
    {
        get
        {
            if (!_sorted) _ordered.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            _sorted = true;
            return CollectionsMarshal.AsSpan(_ordered);
        }
    }

    /// <summary>Names and history slots of all VMs, in ordinal order of the names.</summary>
    public List<(string Name, int Slot)> Slots()
    {
        List<(string, int)> slots = new(Count);
        foreach (VmState vm in Ordered) slots.Add((vm.Name, vm.Slot));
        return slots;
    }

    /// <summary>The VM that a record's bytes name; null: it is not known, or its name is not ASCII.</summary>
    public VmState? Find(ReadOnlySpan<byte> name) => _byBytes.TryGetValue(name, out VmState? vm) ? vm : null;

    public VmState GetOrAdd(string name)
    {
        if (_byName.TryGetValue(name, out VmState? vm)) return vm;
        vm = new VmState(name, history.Add(0, 0));
        _byName.Add(name, vm);
        _ordered.Add(vm);
        _sorted = false;
        return vm;
    }

    /// <summary>Forgets the VMs that this holds for.</summary>
    public void RemoveAll(Predicate<VmState> leaves)
    {
        _ordered.RemoveAll(vm =>
        {
            if (!leaves(vm)) return false;
            _byName.Remove(vm.Name);
            history.Remove(vm.Slot);
            return true;
        });
    }

    /// <summary>The rows of a step: VMs that had joined by then, in order.</summary>
    public VmState[] RowsOf(long step)
    {
        List<VmState> rows = new(Count);
        foreach (VmState vm in Ordered)
            if (vm.Joined <= step) rows.Add(vm);
        return [.. rows];
    }
}
