using Pipeline.Schemas;

namespace Pipeline.Processors.TimeAware;

/// <summary>Puts the chunks of steps and communities together again. First publications of steps only: a revision says what was learnt already, a little better.</summary>
internal sealed class StepIntake
{
    private readonly Dictionary<string, (long End, uint Next, List<VmSample> Samples)> steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long End, uint Revision, uint Next, List<(string Vm, uint Community)> Members)> communities = new(StringComparer.Ordinal);

    /// <summary>The step that this chunk completes; null: more are to come, or it is a revision, or a chunk of it is missing.</summary>
    public IReadOnlyList<VmSample>? Take(StepChunk chunk)
    {
        if (chunk.Revision > 0) return null;
        (long end, uint next, List<VmSample> samples) = chunk.Chunk == 0 ? (chunk.StepEndUnixMs, 0, []) : steps.GetValueOrDefault(chunk.Cell);
        if (samples is null || end != chunk.StepEndUnixMs || next != chunk.Chunk) return null;
        foreach (VmStep vm in chunk.Vms)
        {
            float cpu = vm.Own is { HasCpuUtilization: true } ? vm.Own.CpuUtilization : float.NaN, memory = vm.Own is { HasMemoryUtilization: true } ? vm.Own.MemoryUtilization : float.NaN;
            samples.Add(new VmSample(vm.Vm, vm.Cores, vm.MemoryBytes, cpu, memory));
        }
        steps[chunk.Cell] = (end, next + 1, samples);
        if (chunk.Chunk + 1 < chunk.Chunks) return null;
        steps.Remove(chunk.Cell);
        return samples;
    }

    /// <summary>The members of all communities that this chunk completes; null: more are to come, or a chunk is missing.</summary>
    public IReadOnlyList<(string Vm, uint Community)>? Take(CommunityChunk chunk)
    {
        var (end, revision, next, members) = chunk.Chunk == 0 ? (chunk.StepEndUnixMs, chunk.Revision, 0u, []) : communities.GetValueOrDefault(chunk.Cell);
        if (members is null || end != chunk.StepEndUnixMs || revision != chunk.Revision || next != chunk.Chunk) return null;
        for (int i = 0; i < chunk.Vm.Count; i++) members.Add((chunk.Vm[i], chunk.Community[i]));
        communities[chunk.Cell] = (end, revision, next + 1, members);
        if (chunk.Chunk + 1 < chunk.Chunks) return null;
        communities.Remove(chunk.Cell);
        return members;
    }
}
