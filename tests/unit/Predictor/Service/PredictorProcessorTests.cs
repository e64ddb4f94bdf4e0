using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Service;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Predictor.Service;

public sealed class PredictorProcessorTests : IDisposable
{
    private readonly Scorer _scorer = TestModel.Scorer();
    private readonly Recorder _output = new();

    [Fact]
    public void Predictions_come_with_the_last_chunk_in_the_same_chunks_and_order()
    {
        PredictorProcessor processor = new(_scorer, "m");
        SnapshotChunk[] snapshot = TestModel.Snapshot(23, chunkVms: 10);
        Feed(processor, snapshot[..2]);
        Assert.Empty(_output.Predictions);
        Feed(processor, snapshot[2..]);
        Assert.Equal(3, _output.Predictions.Count);
        for (int c = 0; c < 3; c++)
        {
            PredictionChunk p = PredictionChunk.Parser.ParseFrom(_output.Predictions[c]);
            Assert.Equal(snapshot[c].Vm, p.Vm);
            Assert.Equal(snapshot[c].Community, p.Community);
            Assert.Equal([300u, 900u, 1800u, 3600u], p.HorizonS);
            Assert.Equal(((uint)c, 3u, "m"), (p.Chunk, p.Chunks, p.Model));
            Assert.True(Topics.VmPredictions.TryRead(new RecordContext("c", 0), _output.Predictions[c], out _, out string reason), reason);
        }
    }

    [Fact]
    public void The_newest_known_utilisation_goes_along_with_its_age()
    {
        SnapshotChunk chunk = TestModel.Snapshot(2)[0];
        List<Half> window = [.. Enumerable.Repeat(Half.NaN, 2 * 36 * 3)];
        window[(36 - 1 - 2) * 3] = (Half)0.5f;
        chunk.Window = TestModel.Bytes(window);
        Feed(new PredictorProcessor(_scorer, "m"), chunk);
        PredictionChunk p = PredictionChunk.Parser.ParseFrom(_output.Predictions[0]);
        Assert.Equal([0.5f, float.NaN], p.CpuUtilization);
        Assert.Equal([600u, uint.MaxValue], p.AgeS);
    }

    [Fact]
    public void A_replay_gives_the_same_bytes()
    {
        SnapshotChunk[] snapshot = TestModel.Snapshot(40, chunkVms: 15);
        Feed(new PredictorProcessor(_scorer, "m"), snapshot);
        Recorder again = new();
        Feed(new PredictorProcessor(_scorer, "m"), again, snapshot);
        Assert.Equal(_output.Predictions, again.Predictions);
    }

    [Fact]
    public void Nothing_of_one_snapshot_leaks_into_the_next()
    {
        PredictorProcessor used = new(_scorer, "m");
        Feed(used, TestModel.Snapshot(40, seed: 2));
        _output.Predictions.Clear();
        Feed(used, TestModel.Snapshot(10, seed: 3));
        Recorder fresh = new();
        Feed(new PredictorProcessor(_scorer, "m"), fresh, TestModel.Snapshot(10, seed: 3));
        Assert.Equal(fresh.Predictions, _output.Predictions);
    }

    [Fact]
    public void A_cell_without_VMs_gives_an_empty_prediction()
    {
        Feed(new PredictorProcessor(_scorer, "m"), TestModel.Snapshot(0));
        Assert.Empty(PredictionChunk.Parser.ParseFrom(Assert.Single(_output.Predictions)).Vm);
    }

    [Fact]
    public void A_chunk_without_its_beginning_goes_to_the_dead_letters_and_the_next_snapshot_is_scored()
    {
        PredictorProcessor processor = new(_scorer, "m");
        SnapshotChunk[] snapshot = TestModel.Snapshot(23, chunkVms: 10);
        Feed(processor, snapshot[1]);
        Assert.Contains("not whole", Assert.Single(_output.Reasons), StringComparison.Ordinal);
        Feed(processor, snapshot);
        Assert.Equal(3, _output.Predictions.Count);
    }

    [Fact]
    public void A_chunk_of_another_snapshot_goes_to_the_dead_letters()
    {
        PredictorProcessor processor = new(_scorer, "m");
        SnapshotChunk[] snapshot = TestModel.Snapshot(23, chunkVms: 10);
        snapshot[1].Revision = 1;
        Feed(processor, snapshot[..2]);
        Assert.Contains("another snapshot", Assert.Single(_output.Reasons), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("feature_set")]
    [InlineData("step_ms")]
    [InlineData("window_steps")]
    [InlineData("no signal")]
    public void A_snapshot_that_the_model_cannot_use_says_why(string what)
    {
        SnapshotChunk chunk = TestModel.Snapshot(2)[0];
        switch (what)
        {
            case "feature_set": chunk.FeatureSet = "other"; break;
            case "step_ms": chunk.StepMs = 60_000; break;
            case "no signal": chunk.Signal[0] = "other"; break;
            default:
                chunk.WindowSteps = 12;
                chunk.Window = TestModel.Bytes(new List<Half>(new Half[2 * 12 * 3]));
                break;
        }
        Feed(new PredictorProcessor(_scorer, "m"), chunk);
        Assert.Contains(what, Assert.Single(_output.Reasons), StringComparison.Ordinal);
        Assert.Empty(_output.Predictions);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(150, 0)]
    [InlineData(1000, 800)]
    public void Reading_begins_again_far_enough_back_for_a_half_read_snapshot(long committed, long from) =>
        Assert.Equal(from, new PredictorProcessor(_scorer, "m").ReplayFrom(committed));

    public void Dispose() => _scorer.Dispose();

    private void Feed(PredictorProcessor processor, params SnapshotChunk[] chunks) => Feed(processor, _output, chunks);

    private static void Feed(PredictorProcessor processor, Recorder output, params SnapshotChunk[] chunks)
    {
        foreach (SnapshotChunk chunk in chunks)
        {
            processor.Process(new StreamRecord
            {
                Topic = Topics.GraphSnapshots.Name,
                Partition = 0,
                Offset = 0,
                TimestampUnixMs = chunk.StepEndUnixMs,
                Key = Encoding.UTF8.GetBytes(chunk.Cell),
                Value = chunk.ToByteArray(),
            }, output);
        }
    }

    private sealed class Recorder : IOutput
    {
        public List<byte[]> Predictions { get; } = [];

        public List<string> Reasons { get; } = [];

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T>
        {
            Assert.Equal(Topics.VmPredictions.Name, topic.Name);
            Assert.Equal("c", key);
            Predictions.Add(value.ToByteArray());
        }

        public void DeadLetter(in StreamRecord record, string reason) => Reasons.Add(reason);
    }
}
