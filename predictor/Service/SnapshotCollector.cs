using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Service;

/// <summary>Puts the chunks of a snapshot together. They come in order, one snapshot after the other; at most one is open.</summary>
public sealed class SnapshotCollector
{
    private readonly List<SnapshotView> _chunks = [];

    /// <summary>Takes the next chunk.</summary>
    /// <param name="snapshot">All chunks in order when the last one has come, else empty; valid until the next call.</param>
    /// <returns>Why the chunk cannot be used, or null.</returns>
    public string? Add(SnapshotView chunk, out IReadOnlyList<SnapshotView> snapshot)
    {
        snapshot = [];
        if (chunk.Chunk == 0 || (_chunks.Count > 0 && _chunks.Count == _chunks[0].Chunks)) _chunks.Clear();
        if (Continues(chunk) is { } reason)
        {
            _chunks.Clear();
            return reason;
        }
        _chunks.Add(chunk);
        if (_chunks.Count == chunk.Chunks) snapshot = _chunks;
        return null;
    }

    private string? Continues(SnapshotView chunk)
    {
        long row = _chunks.Sum(c => (long)c.Count);
        if (chunk.Chunk != _chunks.Count) return $"chunk {chunk.Chunk} of {chunk.Chunks} where chunk {_chunks.Count} was awaited: the snapshot is not whole";
        if (chunk.FirstRow != row) return $"first_row is {chunk.FirstRow}; {row} rows came before";
        if (chunk.Chunk + 1 == chunk.Chunks && row + chunk.Count != chunk.Rows) return $"rows is {chunk.Rows}; all chunks hold {row + chunk.Count}";
        if (_chunks.Count == 0) return null;
        SnapshotView first = _chunks[0];
        return first.Cell == chunk.Cell && first.StepEndUnixMs == chunk.StepEndUnixMs && first.Revision == chunk.Revision
            && first.Chunks == chunk.Chunks && first.Rows == chunk.Rows && first.NeighboursK == chunk.NeighboursK
            ? null
            : $"chunk {chunk.Chunk} belongs to another snapshot than the chunks before it";
    }
}
