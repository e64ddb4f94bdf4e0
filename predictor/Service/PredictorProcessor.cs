using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Predictor.Service;

/// <summary>Forecasts every snapshot of a partition when its last chunk has come; predictions come in the same chunks and order.</summary>
/// <param name="scorer">May be shared: it has no state.</param>
/// <param name="model">What predictions name as their model.</param>
public sealed class PredictorProcessor(Scorer scorer, string model) : IProcessor
{
    private readonly SnapshotCollector _collector = new();
    private readonly SnapshotReader _reader = new(scorer.Signature);
    private readonly Forecast _forecast = new();
    private readonly PredictionChunk _prediction = new();

    public void Process(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.GraphSnapshots, output, out SnapshotChunk chunk)) return;
        IReadOnlyList<SnapshotChunk> snapshot = [];
        if ((ColumnMap.TryCreate(scorer.Signature, chunk, out _) ?? _collector.Add(chunk, out snapshot)) is { } reason)
        {
            output.DeadLetter(record, reason);
            return;
        }
        if (snapshot.Count == 0) return;
        _reader.Read(snapshot);
        scorer.Run(_reader.Inputs, _forecast);
        foreach (SnapshotChunk part in snapshot)
        {
            Fill(part);
            output.Emit(Topics.VmPredictions, part.Cell, _prediction);
        }
    }

    /// <summary>Far enough back that a snapshot which was open at <paramref name="committed"/> is put together again; twice its chunks leaves room for the log's own markers.</summary>
    public long ReplayFrom(long committed) => Math.Max(0, committed - 2 * ChunkValidator.ChunksMax);

    private void Fill(SnapshotChunk part)
    {
        InputSignature s = scorer.Signature;
        (int first, int n, int h, int q) = ((int)part.FirstRow, part.Vm.Count, s.HorizonSteps.Count, s.Levels.Count);
        PredictionChunk p = _prediction;
        (p.Cell, p.StepEndUnixMs, p.StepMs, p.Revision, p.Chunk, p.Chunks, p.Model) =
            (part.Cell, part.StepEndUnixMs, part.StepMs, part.Revision, part.Chunk, part.Chunks, model);
        Set(p.Vm, part.Vm);
        Set(p.Cores, part.Cores);
        Set(p.MemoryBytes, part.MemoryBytes);
        Set(p.Community, part.Community);
        Set(p.HorizonS, s.HorizonSteps.Select(steps => (uint)(steps * part.StepMs / 1000)));
        Set(p.Level, s.Levels);
        Set(p.PeakQuantile, new ArraySegment<float>(_forecast.PeakQuantile, first * h * q, n * h * q));
        int b = s.BusyThresholds.Count;
        Set(p.BusyProbability, Enumerable.Range(first * h, n * h).Select(i => _forecast.BusyProbability[i * b + b - 1]));
        Set(p.CpuUtilization, new ArraySegment<float>(_reader.Newest, first, n));
        Set(p.AgeS, new ArraySegment<uint>(_reader.AgeSeconds, first, n));
    }

    private static void Set<T>(Google.Protobuf.Collections.RepeatedField<T> field, IEnumerable<T> values)
    {
        field.Clear();
        field.AddRange(values);
    }
}
