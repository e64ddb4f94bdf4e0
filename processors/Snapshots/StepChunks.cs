using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Snapshots;

/// <summary>Cuts a closed step into records of up to <see cref="Topics.ChunkVms"/> VMs.</summary>
internal static class StepChunks
{
    /// <summary>Writes chunk k.</summary>
    /// <param name="vms">All VMs of the step, in ordinal order of their names.</param>
    /// <param name="cell">Their cell.</param>
    /// <param name="step">The step.</param>
    /// <param name="chunk">k.</param>
    /// <param name="stepMs">Length of a step.</param>
    /// <param name="final">Newest final step; <see cref="long.MinValue"/>: none yet.</param>
    /// <param name="replayFrom">Offset in vm.metrics from which what is not final would have to be read again.</param>
    public static StepChunk Write(List<VmStep> vms, string cell, OpenStep step, int chunk, int stepMs, long final, long replayFrom)
    {
        (int first, int n) = SnapshotChunks.RowsOf(chunk, vms.Count).GetOffsetAndLength(vms.Count);
        StepChunk value = new()
        {
            Cell = cell,
            StepEndUnixMs = step.Number * stepMs,
            StepMs = (uint)stepMs,
            Revision = step.Revision,
            Chunk = (uint)chunk,
            Chunks = (uint)SnapshotChunks.CountFor(vms.Count),
            FinalUnixMs = Math.Max(0, final) * stepMs,
            ReplayFrom = replayFrom,
        };
        value.Vms.AddRange(vms.GetRange(first, n));
        return value;
    }
}
