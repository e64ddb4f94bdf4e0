using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Skill;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;
using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Service;

/// <summary>Forecasts every snapshot of a partition when its last chunk has come; predictions come in the same chunks and order.</summary>
/// <param name="served">May be shared by the processors of one loop.</param>
/// <param name="skill">Live skill of this partition's cells; null: it is not told.</param>
public sealed class PredictorProcessor(ServedModel served, LiveSkill? skill = null) : IProcessor
{
    private readonly SnapshotCollector _collector = new();
    private readonly Forecast _forecast = new();
    private readonly PredictionWriter _writer = new();
    private long _snapshotOffset;
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
        IReadOnlyList<SnapshotView> snapshot = [];
        FollowModel();
        string? reason = !SnapshotView.TryRead(new RecordContext(record.KeyText, record.TimestampUnixMs), record.Value, out SnapshotView chunk, out string wrong) ? wrong
            : ColumnMap.TryCreate(_scorer.Signature, chunk, out _) ?? _collector.Add(chunk, out snapshot);
        if (reason is not null)
        {
            output.DeadLetter(record, reason);
            return;
        }
        if (chunk.Chunk == 0) _snapshotOffset = record.Offset;
        if (snapshot.Count == 0) return;
        _reader.Read(snapshot);
        _scorer.Run(_reader.Inputs, _forecast);
        bool demoted = skill?.Count(snapshot, _reader) ?? false;
        foreach (SnapshotView part in snapshot) output.EmitBytes(Topics.VmPredictions, part.Cell, _writer.Write(_scorer.Signature, part, served.Id, _forecast, _reader, demoted));
        skill?.Keep(snapshot, _reader, _forecast, _snapshotOffset, output);
    }

    public void Restore(in StreamRecord record)
    {
        if (skill is not null && record.TryRead(Topics.ModelSkill, DiscardOutput.Instance, out ModelSkill told)) skill.Restore(told);
    }

    /// <summary>Far enough back that a snapshot which was open at <paramref name="committed"/> is put together again; twice its chunks leaves room for the log's own markers. So are forecasts whose horizon is not over.</summary>
    public long ReplayFrom(long committed) => Math.Max(0, Math.Min(committed - 2 * ChunkValidator.ChunksMax, skill?.ReplayFrom(committed) ?? committed));

    /// <summary>Another model may be served since the last record. Chunks that came before it fit it too: a model that wants other snapshots is refused.</summary>
    private void FollowModel()
    {
        if (served.Scorer == _scorer) return;
        _scorer = served.Scorer;
        _reader = new SnapshotReader(_scorer.Signature, _scorer.Threads);
    }
}
