using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Service;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Predictor.Service;

public sealed class PredictionWriterTests
{
    /// <summary>The same as filling the message and letting Google.Protobuf write it.</summary>
    [Theory]
    [InlineData(0, 0u)]
    [InlineData(1, 0u)]
    [InlineData(23, 300u)]
    [InlineData(300, 1u)]
    public void Predictions_are_byte_by_byte_what_the_message_would_be(int vms, uint revision)
    {
        using Scorer scorer = TestModel.Scorer();
        SnapshotChunk[] snapshot = TestModel.Snapshot(vms, chunkVms: 120);
        foreach (SnapshotChunk chunk in snapshot)
        {
            chunk.Revision = revision;
            for (int i = 0; i < chunk.Vm.Count; i++) (chunk.Vm[i], chunk.MemoryBytes[i], chunk.Community[i]) = (chunk.Vm[i] + new string('é', i % 90), i % 3 == 0 ? 0 : ulong.MaxValue >> (i % 64), i % 5 == 0 ? uint.MaxValue : 0);
        }
        SnapshotReader reader = new(TestModel.Signature);
        reader.Read(TestModel.Views(snapshot));
        Forecast forecast = new();
        scorer.Run(reader.Inputs, forecast);
        Bytes output = new();
        PredictorProcessor processor = new(scorer, "model-é");
        for (int c = 0; c < snapshot.Length; c++) processor.Process(Record(snapshot[c], c), output);
        Assert.Equal(snapshot.Select(part => Message(part, forecast, reader).ToByteArray()), output.Values);
    }

    [Fact]
    public void From_bytes_to_bytes_nothing_is_allocated_for_a_VM()
    {
        using Scorer scorer = TestModel.Scorer();
        PredictorProcessor processor = new(scorer, "m");
        Nothing output = new();
        StreamRecord small = Record(TestModel.Snapshot(10)[0], 0), large = Record(TestModel.Snapshot(900)[0], 0);
        Allocated(large);
        // A block of rows is bound with a few objects; less than the smallest object for each VM.
        Assert.InRange(Allocated(large) - Allocated(small), 0, 890 * 24);

        long Allocated(StreamRecord record)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            processor.Process(record, output);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static PredictionChunk Message(SnapshotChunk part, Forecast forecast, SnapshotReader rows)
    {
        (int first, int n) = ((int)part.FirstRow, part.Vm.Count);
        PredictionChunk p = new()
        {
            Cell = part.Cell,
            StepEndUnixMs = part.StepEndUnixMs,
            StepMs = part.StepMs,
            Revision = part.Revision,
            Chunk = part.Chunk,
            Chunks = part.Chunks,
            Model = "model-é",
            Vm = { part.Vm },
            Cores = { part.Cores },
            MemoryBytes = { part.MemoryBytes },
            Community = { part.Community },
            HorizonS = { 300u, 900u, 1800u, 3600u },
            Level = { TestModel.Signature.Levels },
        };
        p.PeakQuantile.AddRange(forecast.PeakQuantile.Skip(first * 12).Take(n * 12));
        for (int i = first * 4; i < (first + n) * 4; i++) p.BusyProbability.Add(forecast.BusyProbability[(i * 2) + 1]);
        p.CpuUtilization.AddRange(rows.Newest.Skip(first).Take(n));
        p.AgeS.AddRange(rows.AgeSeconds.Skip(first).Take(n));
        return p;
    }

    private static StreamRecord Record(SnapshotChunk chunk, int offset) => new()
    {
        Topic = Topics.GraphSnapshots.Name,
        Partition = 0,
        Offset = offset,
        TimestampUnixMs = chunk.StepEndUnixMs,
        Key = Encoding.UTF8.GetBytes(chunk.Cell),
        Value = chunk.ToByteArray(),
    };

    private sealed class Nothing : IOutput
    {
        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T> => Assert.Fail("predictions are written as bytes");

        public void EmitBytes<T>(TopicSpec<T> topic, string key, ReadOnlySpan<byte> value)
            where T : IMessage<T>
        {
        }

        public void DeadLetter(in StreamRecord record, string reason) => Assert.Fail(reason);
    }

    private sealed class Bytes : IOutput
    {
        public List<byte[]> Values { get; } = [];

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T> => Assert.Fail("predictions are written as bytes");

        public void EmitBytes<T>(TopicSpec<T> topic, string key, ReadOnlySpan<byte> value)
            where T : IMessage<T> => Values.Add(value.ToArray());

        public void DeadLetter(in StreamRecord record, string reason) => Assert.Fail(reason);
    }
}
