namespace Pipeline.Schemas.Validation;

/// <summary>Checks that chunks are whole: arrays as long as their rows say, chunk numbers within the count.</summary>
public static class ChunkValidator
{
    /// <summary>A cell has at most 100,000 VMs.</summary>
    public const uint ChunksMax = 100;

    /// <summary>A VM has a kind and up to 6 level shifts, and may lead others.</summary>
    public const uint PatternChunksMax = 1000;

    /// <summary>25 profiles in each.</summary>
    public const uint ProfileChunksMax = 5000;

    public static string? Check(StepChunk v, RecordContext context) =>
        Frame(v.Cell, context.Key, v.Chunk, v.Chunks, v.StepMs, v.Vms.Count);

    public static string? Check(SnapshotChunk v, RecordContext context)
    {
        int n = v.Vm.Count;
        return Frame(v.Cell, context.Key, v.Chunk, v.Chunks, v.StepMs, n)
            ?? Length("cores", v.Cores.Count, n)
            ?? Length("memory_bytes", v.MemoryBytes.Count, n)
            ?? Length("window", v.Window.Length, (long)n * v.WindowSteps * v.Signal.Count * 2)
            ?? Length("features", v.Features.Length, (long)n * v.Feature.Count * 4)
            ?? Length("neighbours", v.Neighbours.Length, (long)n * v.NeighboursK * 4)
            ?? Length("neighbour_weights", v.NeighbourWeights.Length, (long)n * v.NeighboursK * 4)
            ?? Length("community", v.Community.Count, n)
            ?? Edges(v)
            ?? ((long)v.FirstRow + n > v.Rows ? $"rows {v.FirstRow} to {v.FirstRow + n} of a snapshot of {v.Rows}" : null);
    }

    public static string? Check(CommunityChunk v, RecordContext context) =>
        Frame(v.Cell, context.Key, v.Chunk, v.Chunks, v.StepMs, v.Vm.Count)
        ?? Length("community", v.Community.Count, v.Vm.Count)
        ?? Length("since_unix_ms", v.SinceUnixMs.Count, v.Vm.Count)
        ?? Length("membership", v.Membership.Count, v.Vm.Count)
        ?? Length("consensus", v.Consensus.Count, v.Vm.Count)
        ?? Length("alternative", v.Alternative.Count, 2 * v.Vm.Count)
        ?? Length("alternative_share", v.AlternativeShare.Count, 2 * v.Vm.Count);

    public static string? Check(PatternChunk v, RecordContext context) =>
        Frame(v.Cell, context.Key, v.Chunk, v.Chunks, v.StepMs, 0, PatternChunksMax)
        ?? (v.Patterns.Count > Topics.ChunkVms ? $"{v.Patterns.Count} patterns in a chunk; at most {Topics.ChunkVms} are allowed" : null);

    public static string? Check(PredictionChunk v, RecordContext context)
    {
        int n = v.Vm.Count, h = v.HorizonS.Count;
        return Frame(v.Cell, context.Key, v.Chunk, v.Chunks, v.StepMs, n)
            ?? (h == 0 ? "no horizon" : null)
            ?? Length("cores", v.Cores.Count, n)
            ?? Length("memory_bytes", v.MemoryBytes.Count, n)
            ?? Length("peak_quantile", v.PeakQuantile.Count, (long)n * h * v.Level.Count)
            ?? Length("busy_probability", v.BusyProbability.Count, (long)n * h)
            ?? Length("cpu_utilization", v.CpuUtilization.Count, n)
            ?? Length("age_s", v.AgeS.Count, n)
            ?? Length("community", v.Community.Count, n);
    }

    public static string? Check(ProfileChunk v, RecordContext context)
    {
        if ((Frame(v.Cell, context.Key, v.Chunk, v.Chunks, v.SlotMinutes, v.Profiles.Count, ProfileChunksMax) ?? Slots(v.SlotMinutes)) is { } wrong) return wrong;
        int week = 7 * 24 * 60 / (int)v.SlotMinutes;
        foreach (SubjectProfile p in v.Profiles)
        {
            if (p.SubjectCase == SubjectProfile.SubjectOneofCase.None) return "a profile is of nobody";
            if ((Length("mean", p.Mean.Count, week) ?? Length("free_90", p.Free90.Count, week) ?? Length("free_50", p.Free50.Count, week) ?? Length("free_10", p.Free10.Count, week)
                ?? Length("samples", p.Samples.Count, week) ?? Length("uncertainty", p.Uncertainty.Count, week)) is { } reason) return reason;
        }
        return null;
    }

    public static string? Check(AdviceChunk v, RecordContext context)
    {
        if ((Frame(v.Cell, context.Key, v.Chunk, v.Chunks, v.SlotMinutes, Math.Max(v.Groups.Count, v.Changes.Count)) ?? Slots(v.SlotMinutes)) is { } wrong) return wrong;
        int day = 24 * 60 / (int)v.SlotMinutes;
        foreach (GroupAdvice g in v.Groups)
        {
            if (g.SubjectCase == GroupAdvice.SubjectOneofCase.None) return "advice is for nobody";
            if ((Length("free_cores", g.FreeCores.Count, day) ?? Length("free_cores_low_80", g.FreeCoresLow80.Count, day) ?? Length("free_cores_high_80", g.FreeCoresHigh80.Count, day)
                ?? Length("free_cores_low_95", g.FreeCoresLow95.Count, day) ?? Length("free_cores_high_95", g.FreeCoresHigh95.Count, day) ?? Length("guaranteed_cores", g.GuaranteedCores.Count, day)
                ?? (g.FreeMemoryBytes.Count > 0 ? Length("free_memory_bytes", g.FreeMemoryBytes.Count, day) : null)) is { } reason) return reason;
        }
        foreach (ProfileChange c in v.Changes)
        {
            if (c.Kind == ProfileChange.Types.Kind.Unspecified) return "a change is of no kind";
            if (c.SubjectCase == ProfileChange.SubjectOneofCase.None) return "a change is of nobody";
        }
        return null;
    }

    private static string? Slots(uint minutes) => minutes is 15 or 30 or 60 ? null : $"slot_minutes is {minutes}; 15, 30 or 60 is allowed";

    private static string? Edges(SnapshotChunk v)
    {
        foreach (EdgeList edges in v.Edges)
        {
            if (Length("edges.rows", edges.Rows.Length, 2L * edges.Weights.Length) is { } reason) return reason;
            if (edges.Weights.Length % 4 != 0) return $"edges.weights holds {edges.Weights.Length} bytes; float32 are wanted";
        }
        return null;
    }

    private static string? Frame(string cell, string key, uint chunk, uint chunks, uint stepMs, int vms, uint chunksMax = ChunksMax) =>
        Bounds.Name("cell", cell)
        ?? (cell != key ? $"cell '{cell}' is not the record's key" : null)
        ?? (chunks == 0 || chunks > chunksMax ? $"chunks is {chunks}; 1 to {chunksMax} is allowed" : null)
        ?? (chunk >= chunks ? $"chunk {chunk} of {chunks}" : null)
        ?? (stepMs == 0 ? "step_ms is 0" : null)
        ?? (vms > Topics.ChunkVms ? $"{vms} VMs in a chunk; at most {Topics.ChunkVms} are allowed" : null);

    private static string? Length(string field, long actual, long wanted) =>
        actual == wanted ? null : $"{field} holds {actual}; {wanted} are wanted for the rows of this chunk";
}
