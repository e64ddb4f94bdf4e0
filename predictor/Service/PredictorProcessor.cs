using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Predictor.Service;

/// <summary>Forecasts every snapshot of a partition when its last chunk has come; predictions come in the same chunks and order.</summary>
/// <param name="served">May be shared by the processors of one loop.</param>
/// <param name="to">Where predictions go; null: <see cref="Topics.VmPredictions"/>.</param>
public sealed class PredictorProcessor(ServedModel served, TopicSpec<PredictionChunk>? to = null) : IProcessor
{
    private readonly SnapshotCollector _collector = new();
    private readonly Forecast _forecast = new();
    private readonly PredictionChunk _prediction = new();
    private Scorer _scorer = served.Scorer;
    private SnapshotReader _reader = new(served.Scorer.Signature, served.Scorer.Threads);

    /// <param name="scorer">May be shared: it has no state.</param>
    /// <param name="model">What predictions name as their model.</param>
    public PredictorProcessor(Scorer scorer, string model)
        : this(new ServedModel(scorer, model))
    {
    }

    public void Process(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.GraphSnapshots, output, out SnapshotChunk chunk)) return;
        IReadOnlyList<SnapshotChunk> snapshot = [];
        FollowModel();
        if ((ColumnMap.TryCreate(_scorer.Signature, chunk, out _) ?? _collector.Add(chunk, out snapshot)) is { } reason)
        {
            output.DeadLetter(record, reason);
            return;
        }
        if (snapshot.Count == 0) return;
        _reader.Read(snapshot);
        _scorer.Run(_reader.Inputs, _forecast);
        foreach (SnapshotChunk part in snapshot)
        {
            Fill(part);
            output.Emit(to ?? Topics.VmPredictions, part.Cell, _prediction);
        }
    }

    /// <summary>Far enough back that a snapshot which was open at <paramref name="committed"/> is put together again; twice its chunks leaves room for the log's own markers.</summary>
    public long ReplayFrom(long committed) => Math.Max(0, committed - 2 * ChunkValidator.ChunksMax);

    /// <summary>Another model may be served since the last record. Chunks that came before it fit it too: a model that wants other snapshots is refused.</summary>
    private void FollowModel()
    {
        if (served.Scorer == _scorer) return;
        _scorer = served.Scorer;
        _reader = new SnapshotReader(_scorer.Signature, _scorer.Threads);
    }

    private void Fill(SnapshotChunk part)
    {
        InputSignature s = _scorer.Signature;
        (int first, int n, int h, int q) = ((int)part.FirstRow, part.Vm.Count, s.HorizonSteps.Count, s.Levels.Count);
        PredictionChunk p = _prediction;
        (p.Cell, p.StepEndUnixMs, p.StepMs, p.Revision, p.Chunk, p.Chunks, p.Model) =
            (part.Cell, part.StepEndUnixMs, part.StepMs, part.Revision, part.Chunk, part.Chunks, served.Id);
        Set(p.Vm, part.Vm);
        Set(p.Cores, part.Cores);
        Set(p.MemoryBytes, part.MemoryBytes);
        Set(p.Community, part.Community);
        Set(p.HorizonS, s.HorizonSteps.Select(steps => (uint)(steps * part.StepMs / 1000)));
        Set(p.Level, s.Levels);
        Set(p.PeakQuantile, new ArraySegment<float>(_forecast.PeakQuantile, first * h * q, n * h * q));
        int b = s.BusyThresholds.Count;
        p.BusyProbability.Clear();
        for (int i = first * h; i < (first + n) * h; i++) p.BusyProbability.Add(_forecast.BusyProbability[i * b + b - 1]);
        Set(p.CpuUtilization, new ArraySegment<float>(_reader.Newest, first, n));
        Set(p.AgeS, new ArraySegment<uint>(_reader.AgeSeconds, first, n));
    }

    private static void Set<T>(Google.Protobuf.Collections.RepeatedField<T> field, IEnumerable<T> values)
    {
        field.Clear();
        field.AddRange(values);
    }
}
