namespace Pipeline.Schemas.Validation;

/// <summary>Checks that chunks are whole: arrays as long as their rows say, chunk numbers within the count.</summary>
public static class ChunkValidator
{
    /// <summary>A cell has at most 100,000 VMs.</summary>
    public const uint ChunksMax = 100;

    /// <summary>A VM has a kind and up to 6 level shifts, and may lead others.</summary>
    public const uint PatternChunksMax = 1000;

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
