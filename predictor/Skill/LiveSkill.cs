using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Service;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;
using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Skill;

/// <summary>
/// Live skill of the served model and its shadows on the cells of one partition. State comes back from <c>model.skill</c>, and the forecasts whose horizon is not
/// over by scoring their snapshots again: <see cref="ReplayFrom"/>.
/// </summary>
/// <param name="tell">Hears of every record that is published.</param>
public sealed class LiveSkill(ServedModel served, SkillOptions options, Action<ModelSkill>? tell = null)
{
    /// <summary>A cell that has been silent for so long, against the newest one, has nothing to wait for: the longest horizon and as much again.</summary>
    private const long SilentMs = 7_200_000;

    /// <summary>Snapshots' records are read again at most so many, whatever is waited for.</summary>
    private const long ReplayMax = 20_000;

    /// <summary>States kept of a cell: the models that one can go back to and the shadows.</summary>
    private const int StatesMax = ModelValidator.ChoicesMax + ModelValidator.ShadowsMax + 1;

    private readonly Dictionary<string, Cell> _cells = new(StringComparer.Ordinal);
    private readonly Forecast _forecast = new();
    private readonly PredictionWriter _writer = new();
    private readonly Truth _truth = new();
    private readonly Dictionary<Scorer, SnapshotReader> _readers = [];
    private IReadOnlyList<string> _vms = [];

    /// <summary>Takes a record that this service published before.</summary>
    public void Restore(ModelSkill skill)
    {
        Cell cell = Of(skill.Cell);
        cell.States[skill.Model] = skill;
        cell.ReplayFrom = skill.ReplayFrom;
        cell.StepEndUnixMs = Math.Max(cell.StepEndUnixMs, skill.StepEndUnixMs);
    }

    /// <summary>The offset of the oldest snapshot that is waited for, at most <paramref name="committed"/>.</summary>
    public long ReplayFrom(long committed)
    {
        if (_cells.Count == 0) return committed;
        long newest = _cells.Values.Max(c => c.StepEndUnixMs);
        long oldest = _cells.Values.Where(c => newest - c.StepEndUnixMs <= SilentMs).Min(c => c.ReplayFrom);
        return Math.Clamp(oldest, Math.Max(0, committed - ReplayMax), committed);
    }

    /// <summary>Judges earlier forecasts by a snapshot.</summary>
    /// <param name="rows">The snapshot, as the served model reads it.</param>
    /// <returns>Whether the served model is demoted on this cell.</returns>
    public bool Count(IReadOnlyList<SnapshotView> snapshot, SnapshotReader rows)
    {
        SnapshotView first = snapshot[0];
        Cell cell = Of(first.Cell);
        _vms = cell.Names.Of(snapshot);
        _truth.Set(_vms, rows.Inputs, served.Scorer.Signature.WindowSteps, first.StepMs);
        Follow(cell, first);
        cell.IsNew = false;
        foreach (SkillTracker tracker in cell.Trackers.Values) cell.IsNew |= tracker.Count(_truth, rows.Inputs, first.StepEndUnixMs);
        cell.StepEndUnixMs = Math.Max(cell.StepEndUnixMs, first.StepEndUnixMs);
        return cell.Trackers[served.Id].State.Demoted;
    }

    /// <summary>
    /// Keeps the served model's forecast, lets the shadows make theirs, and publishes how all of them stand; of the first shadow its forecast, too, which
    /// dispatchers can try without acting on it.
    /// </summary>
    /// <param name="offset">Where the snapshot begins in its topic.</param>
    public void Keep(IReadOnlyList<SnapshotView> snapshot, SnapshotReader rows, Forecast forecast, long offset, IOutput output)
    {
        SnapshotView first = snapshot[0];
        Cell cell = Of(first.Cell);
        cell.Trackers[served.Id].Keep(first.StepEndUnixMs, _vms, forecast, rows, offset);
        foreach (ShadowModel shadow in served.Shadows)
        {
            SnapshotReader own = ReaderOf(shadow.Scorer);
            own.Read(snapshot);
            shadow.Scorer.Run(own.Inputs, _forecast);
            cell.Trackers[shadow.Id].Keep(first.StepEndUnixMs, _vms, _forecast, own, offset);
            if (shadow != served.Shadows[0]) continue;
            foreach (SnapshotView part in snapshot) output.EmitBytes(Topics.VmPredictionsShadow, part.Cell, _writer.Write(shadow.Scorer.Signature, part, shadow.Id, _forecast, own, demoted: false));
        }
        if (!cell.IsNew) return;
        cell.ReplayFrom = cell.Trackers.Values.Min(t => t.OldestOffset) ?? offset;
        foreach (SkillTracker tracker in cell.Trackers.Values)
        {
            tracker.State.ReplayFrom = cell.ReplayFrom;
            output.Emit(Topics.ModelSkill, first.Cell, tracker.State);
            tell?.Invoke(tracker.State);
        }
    }

    /// <summary>Trackers of the models that are served or shadows now; what is known of a model that comes back is taken up again.</summary>
    private void Follow(Cell cell, SnapshotView first)
    {
        foreach (Scorer gone in _readers.Keys.Except(served.Shadows.Select(s => s.Scorer)).ToList()) _readers.Remove(gone);
        foreach (string gone in cell.Trackers.Keys.Where(id => id != served.Id && !served.Shadows.Any(s => s.Id == id)).ToList()) cell.Trackers.Remove(gone);
        Track(cell, first, served.Id, shadow: false, served.Scorer, served.FeatureBins);
        foreach (ShadowModel shadow in served.Shadows) Track(cell, first, shadow.Id, shadow: true, shadow.Scorer, shadow.FeatureBins);
    }

    private void Track(Cell cell, SnapshotView first, string id, bool shadow, Scorer scorer, IReadOnlyList<Models.FeatureBins> bins)
    {
        if (!cell.Trackers.TryGetValue(id, out SkillTracker? tracker))
        {
            if (!cell.States.TryGetValue(id, out ModelSkill? state)) state = new ModelSkill { Cell = first.Cell, Model = id };
            if (cell.States.Count >= StatesMax) cell.States.Remove(cell.States.Where(s => s.Key != id).MinBy(s => s.Value.StepEndUnixMs).Key);
            cell.States[id] = state;
            cell.Trackers[id] = tracker = new SkillTracker(scorer.Signature, new FeatureWatch(scorer.Signature, bins, options), state, options);
        }
        (tracker.State.Shadow, tracker.State.StepMs) = (shadow, first.StepMs);
    }

    private SnapshotReader ReaderOf(Scorer scorer)
    {
        if (!_readers.TryGetValue(scorer, out SnapshotReader? reader)) _readers[scorer] = reader = new SnapshotReader(scorer.Signature, scorer.Threads);
        return reader;
    }

    private Cell Of(string name)
    {
        if (!_cells.TryGetValue(name, out Cell? cell)) _cells[name] = cell = new Cell();
        return cell;
    }

    private sealed class Cell
    {
        /// <summary>By model.</summary>
        public SortedDictionary<string, SkillTracker> Trackers { get; } = new(StringComparer.Ordinal);

        /// <summary>By model, also of those that are no longer served.</summary>
        public Dictionary<string, ModelSkill> States { get; } = new(StringComparer.Ordinal);

        public NameTable Names { get; } = new();

        public long ReplayFrom { get; set; } = long.MaxValue;

        public long StepEndUnixMs { get; set; }

        /// <summary>Whether the last snapshot was of a new step.</summary>
        public bool IsNew { get; set; }
    }
}
