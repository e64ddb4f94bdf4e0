namespace Pipeline.Processors.TimeAware;

/// <summary>Cells, and where there are several the fleet as one: it is learnt from four weeks of all cells' sums when somebody asks, since cells do not say in step with each other what they did.</summary>
public sealed class FleetOutlook(SlotClock clock, ProfileOptions options)
{
    /// <summary>Sums that are kept: four weeks.</summary>
    private const long KeptMs = 28L * 24 * 3600 * 1000;

    private readonly SortedDictionary<string, CellOutlook> cells = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, GroupStep> steps = [];
    private long joinedSlot = long.MinValue;
    private GroupOutlook? whole;

    public SlotClock Clock { get; } = clock;

    public IReadOnlyDictionary<string, CellOutlook> Cells => cells;

    /// <summary>End of the newest step of any cell, Unix milliseconds.</summary>
    public long NewestUnixMs { get; private set; } = long.MinValue;

    /// <summary>The cell of a name, made where it is not known.</summary>
    public CellOutlook Cell(string name)
    {
        if (!cells.TryGetValue(name, out CellOutlook? cell)) cells[name] = cell = new CellOutlook(name, Clock, options);
        return cell;
    }

    /// <summary>Feeds a step of a cell.</summary>
    /// <returns>Whether a slot of it has ended.</returns>
    public bool Feed(string cell, long endUnixMs, IReadOnlyList<VmSample> samples)
    {
        NewestUnixMs = Math.Max(NewestUnixMs, endUnixMs);
        GroupStep sum = steps.GetValueOrDefault(endUnixMs);
        foreach (VmSample sample in samples) sum.Add(sample);
        steps[endUnixMs] = sum;
        while (steps.Keys.First() < NewestUnixMs - KeptMs) steps.Remove(steps.Keys.First());
        return Cell(cell).Feed(endUnixMs, samples);
    }

    /// <summary>Where one may look: the fleet, cells, their communities; of one cell where it is named.</summary>
    public IEnumerable<GroupOutlook> Places(string? cell = null)
    {
        if (cell is null && Join() is { } all) yield return all;
        foreach (CellOutlook c in cells.Values)
        {
            if (cell is not null && c.Name != cell) continue;
            yield return c.Whole;
            foreach (GroupOutlook community in c.Communities.Values) yield return community;
        }
    }

    /// <summary>Learns the fleet anew when a slot has ended since it was asked for last.</summary>
    private GroupOutlook? Join()
    {
        if (cells.Count < 2 || Clock.SlotOf(NewestUnixMs) == joinedSlot) return whole;
        joinedSlot = Clock.SlotOf(NewestUnixMs);
        whole = new GroupOutlook("fleet", Clock, options);
        long open = long.MinValue, number = 0;
        int inSlot = 0;
        foreach ((long end, GroupStep sum) in steps)
        {
            long slot = Clock.SlotOf(end - 1);
            for (; open != long.MinValue && open < slot; open++, inSlot = 0) whole.Close(open, Math.Max(1, inSlot / 2));
            open = slot;
            inSlot++;
            whole.Add(sum, ++number, slot);
            if (end != Clock.StartUnixMs(slot + 1)) continue;
            whole.Close(open++, Math.Max(1, inSlot / 2));
            inSlot = 0;
        }
        whole.Resize(cells.Values.Sum(c => c.Whole.Vms), cells.Values.Sum(c => c.Whole.Cores), cells.Values.Sum(c => c.Whole.MemoryBytes));
        return whole;
    }
}
