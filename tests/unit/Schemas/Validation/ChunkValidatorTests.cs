using Google.Protobuf;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Tests.Unit.Schemas.Validation;

public sealed class ChunkValidatorTests
{
    private static readonly RecordContext Context = new("cell-0", Samples.Time);

    [Fact]
    public void A_whole_snapshot_chunk_passes() => Assert.Null(ChunkValidator.Check(Snapshot(), Context));

    public static TheoryData<string, Action<SnapshotChunk>> Broken => new()
    {
        { "cell 'x' is not the record's key", s => s.Cell = "x" },
        { "chunk 3 of 2", s => s.Chunk = 3 },
        { "chunks is 0; 1 to 100 is allowed", s => s.Chunks = 0 },
        { "step_ms is 0", s => s.StepMs = 0 },
        { "window holds 11; 12 are wanted for the rows of this chunk", s => s.Window = ByteString.CopyFrom(new byte[11]) },
        { "community holds 2; 1 are wanted for the rows of this chunk", s => s.Community.Add(1) },
        { "rows 5 to 6 of a snapshot of 1", s => s.FirstRow = 5 },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_chunk_whose_arrays_do_not_fit_is_refused(string expected, Action<SnapshotChunk> breakIt)
    {
        SnapshotChunk chunk = Snapshot();
        breakIt(chunk);
        Assert.Equal(expected, ChunkValidator.Check(chunk, Context));
    }

    private static SnapshotChunk Snapshot() => new()
    {
        Cell = "cell-0",
        StepEndUnixMs = Samples.Time,
        StepMs = 300_000,
        Chunks = 2,
        Rows = 1,
        Vm = { "vm-1" },
        Cores = { 4 },
        MemoryBytes = { 1 },
        WindowSteps = 3,
        Signal = { "cpu", "memory" },
        Window = ByteString.CopyFrom(new byte[12]),
        Feature = { "hour" },
        Features = ByteString.CopyFrom(new byte[4]),
        NeighboursK = 2,
        Neighbours = ByteString.CopyFrom(new byte[8]),
        NeighbourWeights = ByteString.CopyFrom(new byte[8]),
        Community = { 1 },
    };
}
