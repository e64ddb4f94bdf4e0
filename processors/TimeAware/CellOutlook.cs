namespace Pipeline.Processors.TimeAware;

/// <summary>
/// One cell: its steps in, profiles and forecasts of its VMs, its communities and itself out. A function of the steps and communities fed
/// to it, in their order. Revisions of a step that was fed are not taken.
/// </summary>
public sealed class CellOutlook(string name, SlotClock clock, ProfileOptions options)
{
    /// <summary>Communities with fewer VMs are not looked at as such.</summary>
    public const int CommunityVmsMin = 3;

    /// <summary>The largest communities that are looked at: each takes up to 300 KB.</summary>
    public const int CommunitiesMax = 200;

    /// <summary>VMs at most; the contract of a chunked topic allows no more either.</summary>
    public const int VmsMax = 100_000;

    /// <summary>A prediction is about the next slot where it was made so close to its beginning.</summary>
    private const long SaidOffMs = 10 * 60_000;

    /// <summary>A VM that is silent for so many days is forgotten.</summary>
    private const int ForgetDays = 7;

    private readonly SortedDictionary<string, VmOutlook> vms = new(StringComparer.Ordinal);
    private readonly SortedDictionary<uint, GroupOutlook> communities = [];
    private readonly Dictionary<uint, GroupStep> sums = [];
    private readonly List<SubjectChange> changes = [];
    private long newestStep = long.MinValue;
    private long open = long.MinValue;
    private int steps;
    private long number;

    public string Name { get; } = name;

    public SlotClock Clock { get; } = clock;

    /// <summary>In ordinal order of names.</summary>
    public IReadOnlyDictionary<string, VmOutlook> Vms => vms;

    public IReadOnlyDictionary<uint, GroupOutlook> Communities => communities;

    /// <summary>The cell as a whole.</summary>
    public GroupOutlook Whole { get; } = new(name, clock, options);

    /// <summary>The last slot that is over; <see cref="long.MinValue"/>: none.</summary>
    public long Now { get; private set; } = long.MinValue;

    /// <summary>Who left its profile, found when the last slot ended.</summary>
    public IReadOnlyList<SubjectChange> Changes => changes;

    /// <summary>The slot that the next step belongs to, if none is missing.</summary>
    public long Open => open;

    /// <summary>The predictor's newest word, where there is one.</summary>
    internal PredictionIntake? Predictions { get; set; }

    /// <summary>VMs that did not fit.</summary>
    public long Refused { get; private set; }

    /// <summary>Says who is with whom from now on; community 0 and communities of two or less are none.</summary>
    public void SetCommunities(IEnumerable<(string Vm, uint Community)> members)
    {
        Dictionary<string, uint> of = members.ToDictionary(m => m.Vm, m => m.Community, StringComparer.Ordinal);
        HashSet<uint> kept = [.. of.Values.Where(c => c != 0).CountBy(c => c).Where(c => c.Value >= CommunityVmsMin).OrderByDescending(c => c.Value).ThenBy(c => c.Key).Take(CommunitiesMax).Select(c => c.Key)];
        foreach ((string vm, uint community) in of)
            if (kept.Contains(community)) GetOrAdd(vm);
        foreach (VmOutlook vm in vms.Values) vm.Community = of.TryGetValue(vm.Name, out uint c) && kept.Contains(c) ? c : 0;
        foreach (uint gone in communities.Keys.Where(c => !kept.Contains(c)).ToArray()) communities.Remove(gone);
        foreach (uint born in kept.Where(c => !communities.ContainsKey(c)).Order())
        {
            GroupOutlook group = communities[born] = new GroupOutlook($"{Name}/{born}", Clock, options);
            // What its members were like is what it is expected to be like.
            group.Cpu.Profile.Inherit([.. vms.Values.Where(v => v.Community == born).Select(v => (v.Cpu.Profile, (double)v.Cores))]);
        }
        Resize();
    }

    /// <summary>Takes a closed step.</summary>
    /// <returns>Whether a slot has ended, with it or before it: forecasts and changes are new.</returns>
    public bool Feed(long endUnixMs, IReadOnlyList<VmSample> samples)
    {
        if (endUnixMs <= newestStep) return false;
        newestStep = endUnixMs;
        long slot = Clock.SlotOf(endUnixMs - 1);
        bool ended = open != long.MinValue && slot > open, last = endUnixMs == Clock.StartUnixMs(slot + 1);
        if (ended || last) changes.Clear();
        if (ended) Close(slot);
        open = slot;
        steps++;
        sums.Clear();
        GroupStep whole = default;
        foreach (VmSample sample in samples)
        {
            if (GetOrAdd(sample.Vm) is not { } vm) continue;
            vm.Add(sample, slot);
            whole.Add(sample);
            if (vm.Community == 0) continue;
            GroupStep sum = sums.GetValueOrDefault(vm.Community);
            sum.Add(sample);
            sums[vm.Community] = sum;
        }
        if (Now == long.MinValue && steps == 1) Resize();
        number++;
        Whole.Add(whole, number, slot);
        foreach ((uint community, GroupOutlook group) in communities) group.Add(sums.GetValueOrDefault(community), number, slot);
        if (!last) return ended;
        Close(slot + 1);
        open = slot + 1;
        return true;
    }

    /// <summary>Ends the open slot, and those up to the next in which nothing was said.</summary>
    private void Close(long next)
    {
        int stepsMin = Math.Max(1, steps / 2);
        // A gap of a week says as much as a longer one.
        for (long slot = Math.Max(open, next - Clock.SlotsPerWeek); slot < next; slot++)
        {
            foreach (VmOutlook vm in vms.Values)
                if (vm.Close(slot, stepsMin) is { } change) changes.Add(new SubjectChange(vm.Name, vm.Community, change, []));
            Dictionary<uint, double>? said = slot == next - 1 ? Said(slot) : null;
            Note(Whole, 0, slot, stepsMin, said);
            foreach ((uint id, GroupOutlook group) in communities) Note(group, id, slot, stepsMin, said);
            Now = slot;
        }
        steps = 0;
        foreach (string gone in vms.Values.Where(v => v.LastSlot < Now - (ForgetDays * Clock.SlotsPerDay)).Select(v => v.Name).ToArray()) vms.Remove(gone);
        Resize();
    }

    /// <summary>What the predictor says of the slot behind this one, of the whole (0) and of communities: their VMs' peaks by cores; null: nothing, or not of now.</summary>
    private Dictionary<uint, double>? Said(long slot)
    {
        if (Predictions is not { } predictions || Math.Abs(predictions.StepEndUnixMs - Clock.StartUnixMs(slot + 1)) > SaidOffMs) return null;
        Dictionary<uint, (double Used, double Cores)> sum = [];
        foreach (VmOutlook vm in vms.Values)
        {
            float peak = predictions.PeakOf(vm.Name);
            if (float.IsNaN(peak)) continue;
            Add(0, peak, vm.Cores);
            if (vm.Community != 0) Add(vm.Community, peak, vm.Cores);
        }
        return sum.Where(s => s.Value.Cores > 0).ToDictionary(s => s.Key, s => s.Value.Used / s.Value.Cores);

        void Add(uint group, double peak, double cores) => sum[group] = (sum.GetValueOrDefault(group).Used + (peak * cores), sum.GetValueOrDefault(group).Cores + cores);
    }

    private void Note(GroupOutlook group, uint community, long slot, int stepsMin, Dictionary<uint, double>? said)
    {
        if (group.Close(slot, stepsMin, said?.GetValueOrDefault(community, double.NaN) ?? double.NaN) is not { } change) return;
        string[] with = [.. vms.Values
            .Where(v => (community == 0 || v.Community == community) && WentWith(v, change, slot))
            .Select(v => v.Name)];
        changes.Add(new SubjectChange(null, community, change, with));
    }

    private static bool WentWith(VmOutlook vm, in Change change, long slot) => change.Kind switch
    {
        ChangeKind.Silence => vm.LastSlot < change.StartSlot,
        ChangeKind.LevelShift => vm.Changes.MeanSince(change.StartSlot, slot) * Math.Sign(change.Strength) > 1,
        _ => vm.LastSlot == slot,
    };

    private VmOutlook? GetOrAdd(string name)
    {
        if (vms.TryGetValue(name, out VmOutlook? vm)) return vm;
        if (vms.Count == VmsMax)
        {
            Refused++;
            return null;
        }
        return vms[name] = new VmOutlook(name, Clock, options);
    }

    private void Resize()
    {
        Dictionary<uint, (int Vms, double Cores, double Memory)> sizes = [];
        (int count, double allCores, double allMemory) = (0, 0, 0);
        foreach (VmOutlook vm in vms.Values)
        {
            if (vm.LastSlot == long.MinValue || (Now != long.MinValue && vm.LastSlot < Now - 1)) continue;
            (count, allCores, allMemory) = (count + 1, allCores + vm.Cores, allMemory + vm.MemoryBytes);
            (int n, double cores, double memory) = sizes.GetValueOrDefault(vm.Community);
            sizes[vm.Community] = (n + 1, cores + vm.Cores, memory + vm.MemoryBytes);
        }
        Whole.Resize(count, allCores, allMemory);
        foreach ((uint id, GroupOutlook group) in communities)
        {
            (int n, double cores, double memory) = sizes.GetValueOrDefault(id);
            group.Resize(n, cores, memory);
        }
    }
}

/// <summary>Who left its profile.</summary>
/// <param name="Vm">A VM; null: a community, or the cell.</param>
/// <param name="Community">The community, or the one that the VM is in; 0: none.</param>
/// <param name="Change">How, since when, how strongly.</param>
/// <param name="With">Members that went with it.</param>
public sealed record SubjectChange(string? Vm, uint Community, Change Change, IReadOnlyList<string> With);
