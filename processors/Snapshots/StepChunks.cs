using Pipeline.Schemas;

namespace Pipeline.Processors.Snapshots;

/// <summary>Cuts a closed step into records of up to <see cref="Topics.ChunkVms"/> VMs.</summary>
internal static class StepChunks
{
    /// <summary>Writes chunk k.</summary>
    /// <param name="vms">All VMs of the step, in ordinal order of their names.</param>
    /// <param name="frame">Cell, step length and revision.</param>
    /// <param name="publication">The step, and where things stand.</param>
    /// <param name="chunk">k.</param>
    public static StepChunk Write(VmStep[] vms, SnapshotFrame frame, in StepPublication publication, int chunk)
    {
        StepChunk value = new()
        {
            Cell = frame.Cell,
            StepEndUnixMs = publication.Step * frame.StepMs,
            StepMs = (uint)frame.StepMs,
            Revision = frame.Revision,
            Chunk = (uint)chunk,
            Chunks = (uint)SnapshotChunks.CountFor(vms.Length),
            FinalUnixMs = publication.Final * frame.StepMs,
            ReplayFrom = publication.ReplayFrom,
            PublishedAt = publication.PublishedAt,
        };
        value.Vms.AddRange(vms[SnapshotChunks.RowsOf(chunk, vms.Length)]);
        return value;
    }
}

/// <summary>Where things stand when a step is published.</summary>
/// <param name="Step">Number of the step.</param>
/// <param name="Final">Newest final step.</param>
/// <param name="ReplayFrom">Offset from which what is not final would have to be read again.</param>
/// <param name="PublishedAt">Offset of the record that the publication follows on.</param>
internal readonly record struct StepPublication(long Step, long Final, long ReplayFrom, long PublishedAt);
