using System.Runtime.InteropServices;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;
using Pipeline.Schemas.Wire;

namespace Pipeline.Tests.Unit.Predictor.Scoring;

public sealed class ScorerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(37)]
    public void Forecasts_are_within_bounds_and_rise_over_levels_and_horizons(int vms) => AssertSound(Score(TestModel.Snapshot(vms)), vms);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_same_snapshot_gives_the_same_bytes_with_any_number_of_threads(int threads)
    {
        // Several blocks, the last of them short.
        SnapshotChunk[] snapshot = TestModel.Snapshot(1100);
        using Scorer two = TestModel.Scorer(threads: 2), other = TestModel.Scorer(threads);
        Forecast first = Score(snapshot, two), second = Score(snapshot, other);
        Assert.Equal(MemoryMarshal.AsBytes<float>(first.PeakQuantile).ToArray(), MemoryMarshal.AsBytes<float>(second.PeakQuantile).ToArray());
        Assert.Equal(MemoryMarshal.AsBytes<float>(first.BusyProbability).ToArray(), MemoryMarshal.AsBytes<float>(second.BusyProbability).ToArray());
    }

    [Fact]
    public void Permuting_the_VMs_permutes_the_forecasts()
    {
        const int Vms = 20;
        SnapshotChunk chunk = TestModel.Snapshot(Vms)[0];
        int[] order = [.. Enumerable.Range(0, Vms)];
        new Random(7).Shuffle(order);
        SnapshotChunk permuted = Permute(chunk, order);
        Forecast before = Score([chunk]), after = Score([permuted]);
        for (int row = 0; row < Vms; row++)
        {
            for (int i = 0; i < 12; i++) Assert.Equal(before.PeakQuantile[order[row] * 12 + i], after.PeakQuantile[row * 12 + i], 1e-5f);
            for (int i = 0; i < 8; i++) Assert.Equal(before.BusyProbability[order[row] * 8 + i], after.BusyProbability[row * 8 + i], 1e-5f);
        }
    }

    [Fact]
    public void Neighbours_matter_and_their_absence_does_no_harm()
    {
        SnapshotChunk chunk = TestModel.Snapshot(20)[0], alone = chunk.Clone();
        alone.Neighbours = TestModel.Bytes([.. Enumerable.Repeat(uint.MaxValue, 80)]);
        alone.NeighbourWeights = TestModel.Bytes(new List<float>(new float[80]));
        Forecast with = Score([chunk]), without = Score([alone]);
        AssertSound(without, 20);
        Assert.NotEqual(with.PeakQuantile, without.PeakQuantile);
    }

    [Fact]
    public void A_VM_of_which_nothing_is_known_gets_a_finite_prior()
    {
        SnapshotChunk chunk = TestModel.Snapshot(3)[0];
        chunk.Window = TestModel.Bytes([.. Enumerable.Repeat(Half.NaN, 3 * 36 * 3)]);
        chunk.Features = TestModel.Bytes([.. Enumerable.Repeat(float.NaN, 6)]);
        AssertSound(Score([chunk]), 3);
    }

    [Fact]
    public void Infinities_in_a_snapshot_do_not_come_out()
    {
        SnapshotChunk chunk = TestModel.Snapshot(3)[0];
        chunk.Window = TestModel.Bytes([.. Enumerable.Range(0, 3 * 36 * 3).Select(i => i % 2 == 0 ? Half.PositiveInfinity : Half.NegativeInfinity)]);
        chunk.Features = TestModel.Bytes<float>([float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity, 1e38f, 1e38f]);
        chunk.Neighbours = TestModel.Bytes<uint>([0, 1, 2, 3, 4_000_000_000, 1, 1, 1, 2, 2, 2, 2]);
        chunk.NeighbourWeights = TestModel.Bytes<float>([float.NaN, float.PositiveInfinity, 1e30f, 1, 1, -1e30f, float.NegativeInfinity, 0, 1, 1, 1, 1]);
        AssertSound(Score([chunk]), 3);
    }

    [Fact]
    public void A_snapshot_in_many_chunks_scores_as_one_in_few()
    {
        SnapshotChunk[] many = TestModel.Snapshot(23, chunkVms: 5);
        SnapshotReader reader = new(TestModel.Signature);
        reader.Read(TestModel.Views(many));
        Assert.Equal(23, reader.Inputs.Rows);
        AssertSound(Score(many), 23);
    }

    [Fact]
    public void Reading_and_scoring_allocate_nothing_per_VM()
    {
        SnapshotView[] small = TestModel.Views(TestModel.Snapshot(10)), large = TestModel.Views(TestModel.Snapshot(900));
        using Scorer scorer = TestModel.Scorer();
        SnapshotReader reader = new(TestModel.Signature);
        Forecast forecast = new();
        Allocated(large);
        // A block of rows is bound with a few objects; less than the smallest object for each VM.
        Assert.InRange(Allocated(large) - Allocated(small), 0, 890 * 24);

        long Allocated(SnapshotView[] snapshot)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            reader.Read(snapshot);
            scorer.Run(reader.Inputs, forecast);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Threads_read_the_same_inputs()
    {
        SnapshotView[] many = TestModel.Views(TestModel.Snapshot(230, chunkVms: 20));
        SnapshotReader one = new(TestModel.Signature), four = new(TestModel.Signature, threads: 4);
        one.Read(many);
        four.Read(many);
        Assert.Equal(one.Inputs.Window, four.Inputs.Window);
        Assert.Equal(one.Inputs.Neighbours, four.Inputs.Neighbours);
        Assert.Equal(one.AgeSeconds, four.AgeSeconds);
    }

    private static Forecast Score(SnapshotChunk[] snapshot)
    {
        using Scorer scorer = TestModel.Scorer();
        return Score(snapshot, scorer);
    }

    private static Forecast Score(SnapshotChunk[] snapshot, Scorer scorer)
    {
        SnapshotReader reader = new(TestModel.Signature);
        reader.Read(TestModel.Views(snapshot));
        Forecast forecast = new();
        scorer.Run(reader.Inputs, forecast);
        return forecast;
    }

    private static void AssertSound(Forecast forecast, int rows)
    {
        Assert.Equal(rows * 12, forecast.PeakQuantile.Length);
        for (int row = 0; row < rows; row++)
        {
            for (int h = 0; h < 4; h++)
            {
                for (int q = 0; q < 3; q++)
                {
                    float value = forecast.PeakQuantile[(row * 4 + h) * 3 + q];
                    Assert.InRange(value, 0f, 1f);
                    if (q > 0) Assert.True(value >= forecast.PeakQuantile[(row * 4 + h) * 3 + q - 1]);
                    if (h > 0) Assert.True(value >= forecast.PeakQuantile[(row * 4 + h - 1) * 3 + q]);
                }
                for (int b = 0; b < 2; b++)
                {
                    float busy = forecast.BusyProbability[(row * 4 + h) * 2 + b];
                    Assert.InRange(busy, 0f, 1f);
                    if (h > 0) Assert.True(busy >= forecast.BusyProbability[(row * 4 + h - 1) * 2 + b]);
                }
            }
        }
    }

    /// <summary>Row r of the result is row order[r] of the chunk.</summary>
    private static SnapshotChunk Permute(SnapshotChunk chunk, int[] order)
    {
        int[] place = new int[order.Length];
        for (int i = 0; i < order.Length; i++) place[order[i]] = i;
        SnapshotChunk result = chunk.Clone();
        uint[] neighbours = [.. MemoryMarshal.Cast<byte, uint>(chunk.Neighbours.Span).ToArray().Select(n => n == uint.MaxValue ? n : (uint)place[n])];
        result.Window = Rows(chunk.Window.Span, order);
        result.Features = Rows(chunk.Features.Span, order);
        result.NeighbourWeights = Rows(chunk.NeighbourWeights.Span, order);
        result.Neighbours = Rows(MemoryMarshal.AsBytes<uint>(neighbours), order);
        return result;
    }

    private static Google.Protobuf.ByteString Rows(ReadOnlySpan<byte> bytes, int[] order)
    {
        int width = bytes.Length / order.Length;
        List<byte> result = [];
        foreach (int row in order) result.AddRange(bytes.Slice(row * width, width));
        return TestModel.Bytes(result);
    }
}
