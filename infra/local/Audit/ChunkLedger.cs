namespace Pipeline.Local.Audit;

/// <summary>Chunked outputs of one topic: which (cell, step, revision) are whole, and what stands there twice.</summary>
public sealed class ChunkLedger
{
    private readonly HashSet<(string Cell, long End, uint Revision, uint Chunk)> chunks = [];
    private readonly Dictionary<(string Cell, long End, uint Revision), uint> seen = [];

    /// <summary>Outputs (revisions counted) all of whose chunks are there.</summary>
    public long Whole { get; private set; }

    public long Duplicates { get; private set; }

    /// <summary>Step end of the newest whole output, Unix milliseconds; 0 before the first.</summary>
    public long NewestUnixMs { get; private set; }

    /// <summary>Takes one chunk; false when it was there before.</summary>
    public bool Add(string cell, long end, uint revision, uint chunk, uint chunksOfAll)
    {
        if (!chunks.Add((cell, end, revision, chunk)))
        {
            Duplicates++;
            return false;
        }
        uint count = seen[(cell, end, revision)] = seen.GetValueOrDefault((cell, end, revision)) + 1;
        if (count == chunksOfAll)
        {
            Whole++;
            NewestUnixMs = Math.Max(NewestUnixMs, end);
        }
        return true;
    }
}
