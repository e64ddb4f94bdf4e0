using Pipeline.Schemas;

namespace Pipeline.Processors.TimeAware;

/// <summary>Profiles, forecasts, scaling advice and changes of a cell as messages.</summary>
internal static class AdviceWriter
{
    /// <summary>Subjects of a chunk: a profile of 15-minute slots takes 16 KB, so that a chunk stays below Kafka's 1 MiB with half of that.</summary>
    private const int ProfilesPerChunk = 25, GroupsPerChunk = 100;

    /// <summary>Members of a change that are named.</summary>
    private const int WithMax = 100;

    /// <summary>All profiles of a cell.</summary>
    public static IEnumerable<ProfileChunk> Profiles(CellOutlook cell)
    {
        SlotClock clock = cell.Clock;
        List<Func<SubjectProfile>> subjects = [() => Write(new SubjectProfile { WholeCell = true, Cores = cell.Whole.Cores }, cell.Whole.Cpu.Profile, cell)];
        foreach ((uint id, GroupOutlook group) in cell.Communities)
            if (group.Cpu.Profile.IsKnown) subjects.Add(() => Write(new SubjectProfile { Community = id, Cores = group.Cores }, group.Cpu.Profile, cell));
        foreach (VmOutlook vm in cell.Vms.Values)
            if (vm.Cpu.Profile.IsKnown) subjects.Add(() => Write(new SubjectProfile { Vm = vm.Name, Cores = vm.Cores }, vm.Cpu.Profile, cell));
        Func<SubjectProfile>[][] chunks = [.. subjects.Chunk(ProfilesPerChunk)];
        for (int k = 0; k < chunks.Length; k++)
        {
            ProfileChunk chunk = new() { Cell = cell.Name, SlotEndUnixMs = clock.StartUnixMs(cell.Now + 1), SlotMinutes = (uint)clock.SlotMinutes, TimeZone = clock.Zone, Chunk = (uint)k, Chunks = (uint)chunks.Length };
            chunk.Profiles.AddRange(chunks[k].Select(make => make()));
            yield return chunk;
        }
    }

    /// <summary>What is said after a slot.</summary>
    /// <param name="cell">The cell, whose slot has just ended.</param>
    /// <param name="scale">What scaling aims at.</param>
    /// <param name="wanted">By community (0: the cell) the VMs wanted before and since when; brought up to date.</param>
    public static IEnumerable<AdviceChunk> Advice(CellOutlook cell, ScaleRequest scale, Dictionary<uint, (int Vms, long Since)> wanted)
    {
        SlotClock clock = cell.Clock;
        long end = clock.StartUnixMs(cell.Now + 1);
        foreach (uint gone in wanted.Keys.Where(c => c != 0 && !cell.Communities.ContainsKey(c)).ToArray()) wanted.Remove(gone);
        GroupAdvice[] groups = [Advise(new GroupAdvice { WholeCell = true }, cell.Whole, 0), .. cell.Communities.Select(c => Advise(new GroupAdvice { Community = c.Key }, c.Value, c.Key))];
        GroupAdvice[][] chunks = [.. groups.Chunk(GroupsPerChunk)];
        for (int k = 0; k < chunks.Length; k++)
        {
            AdviceChunk chunk = new() { Cell = cell.Name, SlotEndUnixMs = end, SlotMinutes = (uint)clock.SlotMinutes, TimeZone = clock.Zone, Chunk = (uint)k, Chunks = (uint)chunks.Length };
            chunk.Groups.AddRange(chunks[k]);
            // A cell in which all changes at once has an outage: the first thousand say so.
            if (k == 0) chunk.Changes.AddRange(cell.Changes.Take(Topics.ChunkVms).Select(c => Write(c, clock)));
            yield return chunk;
        }

        GroupAdvice Advise(GroupAdvice advice, GroupOutlook group, uint key)
        {
            IReadOnlyList<ScaleAdvice> plan = ScaleAdvisor.Plan(group, clock, scale);
            int next = plan.Count > 0 ? plan[0].VmsWanted : 0;
            if (!wanted.TryGetValue(key, out (int Vms, long Since) before) || before.Vms != next) wanted[key] = before = (next, end);
            Fill(advice, group);
            advice.VmsWanted.AddRange(plan.Count > 0 ? plan.Select(p => (uint)p.VmsWanted) : Enumerable.Repeat(0u, scale.Slots));
            advice.WantedSinceUnixMs = before.Since;
            return advice;
        }
    }

    private static void Fill(GroupAdvice advice, GroupOutlook group)
    {
        (advice.Vms, advice.Cores, advice.MemoryBytes) = ((uint)group.Vms, group.Cores, group.MemoryBytes);
        for (int ahead = 1; ahead <= group.Cpu.Horizon; ahead++)
        {
            SlotForecast f = group.Cpu.At(ahead);
            advice.FreeCores.Add(Free(f.Share));
            advice.FreeCoresLow80.Add(Free(f.High80));
            advice.FreeCoresHigh80.Add(Free(f.Low80));
            advice.FreeCoresLow95.Add(Free(f.High95));
            advice.FreeCoresHigh95.Add(Free(f.Low95));
            advice.GuaranteedCores.Add(Free(group.Cpu.PeakAt(ahead, .95)));
            if (group.Memory.Profile.IsKnown) advice.FreeMemoryBytes.Add(group.MemoryBytes * (1 - group.Memory.At(ahead).Share));
        }

        float Free(double share) => (float)(group.Cores * (1 - share));
    }

    private static SubjectProfile Write(SubjectProfile message, Profile profile, CellOutlook cell)
    {
        (double z10, double z50, double z90) = (profile.StandardQuantile(.1), profile.StandardQuantile(.5), profile.StandardQuantile(.9));
        for (int i = 1; i <= cell.Clock.SlotsPerWeek; i++)
        {
            ProfileValue usual = profile.At(cell.Now + i);
            message.Mean.Add(Free(usual, 0));
            message.Free90.Add(Free(usual, z90));
            message.Free50.Add(Free(usual, z50));
            message.Free10.Add(Free(usual, z10));
            message.Samples.Add((float)usual.Samples);
            message.Uncertainty.Add((float)usual.Uncertainty);
        }
        return message;

        static float Free(in ProfileValue usual, double z) => (float)Math.Clamp(1 - usual.Mean - (z * usual.Deviation), 0, 1);
    }

    private static ProfileChange Write(SubjectChange found, SlotClock clock)
    {
        ProfileChange message = new()
        {
            Kind = found.Change.Kind switch
            {
                ChangeKind.LevelShift => ProfileChange.Types.Kind.LevelShift,
                ChangeKind.NewPeriod => ProfileChange.Types.Kind.NewPeriod,
                _ => ProfileChange.Types.Kind.Silence,
            },
            StartUnixMs = clock.StartUnixMs(found.Change.StartSlot),
            Strength = (float)found.Change.Strength,
            PeriodS = (uint)(found.Change.PeriodSlots * clock.SlotMs / 1000),
            WithCount = (uint)found.With.Count,
        };
        if (found.Vm is not null) message.Vm = found.Vm;
        else if (found.Community != 0) message.Community = found.Community;
        else message.WholeCell = true;
        message.With.AddRange(found.With.Take(WithMax));
        return message;
    }
}
