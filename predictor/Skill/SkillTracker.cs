using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Skill;

/// <summary>
/// The live skill of one model on one cell. Forecasts are kept until their horizon is over and then held against what came, beside the last value and the mean of
/// an hour as they were known then. Pure: time is that of the snapshots.
/// <code>
///              worse than the better simple signal by more than the lead
///   trusted ────────────────────────────────────────────────────────────► demoted
///      ▲                                                                     │
///      └─────────────────── no worse than it any more ───────────────────────┘
/// </code>
/// </summary>
internal sealed class SkillTracker
{
    /// <summary>Bins of reliability.</summary>
    private const int Bins = 10;

    private readonly InputSignature _signature;
    private readonly SkillOptions _options;
    private readonly FeatureWatch _features;
    private readonly SortedDictionary<long, (KeptForecast Forecast, long Offset)> _kept = [];
    private readonly Stack<KeptForecast> _unused = new();

    /// <param name="state">What was published last, or a new one; it is changed.</param>
    public SkillTracker(InputSignature signature, FeatureWatch features, ModelSkill state, SkillOptions options)
    {
        (_signature, _features, State, _options) = (signature, features, state, options);
        int groups = options.AgesS.Count + 1;
        if (state.Cells.Count == signature.HorizonSteps.Count * groups && state.Level.SequenceEqual(signature.Levels)) return;
        state.Cells.Clear();
        state.Level.Clear();
        state.Level.AddRange(signature.Levels);
        foreach (int steps in signature.HorizonSteps)
            for (int g = 0; g < groups; g++) state.Cells.Add(NewCell((uint)(steps * signature.StepMs / 1000), g < options.AgesS.Count ? options.AgesS[g] : uint.MaxValue, signature.Levels.Count));
    }

    public ModelSkill State { get; }

    /// <summary>Cases that could not be judged: a step was silent, or the VM is gone.</summary>
    public long Missed { get; private set; }

    /// <summary>Offset of the oldest snapshot whose forecasts are kept; null: none is.</summary>
    public long? OldestOffset => _kept.Count == 0 ? null : _kept.First().Value.Offset;

    /// <summary>Judges the kept forecasts by a snapshot, when it is of a newer step than the last.</summary>
    /// <returns>Whether it was.</returns>
    public bool Count(Truth truth, InputBuffers inputs, long stepEndUnixMs)
    {
        if (stepEndUnixMs <= State.StepEndUnixMs) return false;
        double passed = State.StepEndUnixMs == 0 ? 0 : stepEndUnixMs - State.StepEndUnixMs;
        State.Events.Clear();
        Fade(Math.Exp(-passed / _options.Fade.TotalMilliseconds), Math.Exp(-passed / _options.LongFade.TotalMilliseconds));
        State.StepEndUnixMs = stepEndUnixMs;
        for (int h = 0; h < _signature.HorizonSteps.Count; h++)
        {
            if (_kept.TryGetValue(stepEndUnixMs - (long)_signature.HorizonSteps[h] * _signature.StepMs, out (KeptForecast Forecast, long) then)) Judge(h, then.Forecast, truth);
        }
        State.Drift ??= new FeatureDrift();
        _features.Add(State.Drift, inputs, Math.Exp(-passed / _options.FeatureFade.TotalMilliseconds), State.Events);
        Decide();
        return true;
    }

    /// <summary>Keeps a forecast; one of the same step before it, of another revision, is replaced.</summary>
    /// <param name="offset">Where the snapshot begins in its topic.</param>
    public void Keep(long stepEndUnixMs, IReadOnlyList<string> vms, Forecast forecast, SnapshotReader rows, long offset)
    {
        long oldest = stepEndUnixMs - (long)_signature.HorizonSteps[^1] * _signature.StepMs;
        foreach (long gone in _kept.Keys.TakeWhile(step => step <= oldest || step == stepEndUnixMs).ToList())
        {
            _unused.Push(_kept[gone].Forecast);
            _kept.Remove(gone);
        }
        KeptForecast kept = _kept.Remove(stepEndUnixMs, out (KeptForecast Forecast, long) before) ? before.Forecast : _unused.TryPop(out KeptForecast? free) ? free : new KeptForecast();
        kept.Set(_signature, vms, forecast, rows);
        _kept[stepEndUnixMs] = (kept, offset);
    }

    private void Judge(int horizon, KeptForecast then, Truth truth)
    {
        for (int i = 0, j = 0; i < then.Vms.Count; i++)
        {
            // Both are in ordinal order of the names.
            while (j < truth.Vms.Count && string.CompareOrdinal(truth.Vms[j], then.Vms[i]) < 0) j++;
            if (j == truth.Vms.Count || truth.Vms[j] != then.Vms[i]) Missed++;
            else Judge(horizon, then, i, truth, j);
        }
    }

    private void Judge(int horizon, KeptForecast then, int row, Truth truth, int now)
    {
        int steps = _signature.HorizonSteps[horizon], q = _signature.Levels.Count, h = _signature.HorizonSteps.Count;
        float peak = truth.Peak(now, steps), last = then.Newest[row];
        if (float.IsNaN(peak) || float.IsNaN(last))
        {
            Missed++;
            return;
        }
        float mean = truth.MeanOfHour(now, steps + (int)(then.AgeSeconds[row] * 1000L / _signature.StepMs));
        if (float.IsNaN(mean)) mean = last;
        SkillCell cell = State.Cells[horizon * (_options.AgesS.Count + 1) + AgeGroup(then.AgeSeconds[row])];
        ReadOnlySpan<float> quantiles = then.PeakQuantile.AsSpan((row * h + horizon) * q, q);
        (float probability, float threshold) = (then.Busy[row * h + horizon], _signature.BusyThresholds[^1]);
        (double pinball, double pinballLast, double pinballMean) = (0, 0, 0);
        for (int l = 0; l < q; l++)
        {
            double level = _signature.Levels[l];
            pinball += Measures.Pinball(peak, quantiles[l], level);
            pinballLast += Measures.Pinball(peak, last, level);
            pinballMean += Measures.Pinball(peak, mean, level);
            if (peak <= quantiles[l]) cell.Covered[l]++;
        }
        int busy = peak >= threshold ? 1 : 0, bin = Math.Clamp((int)(probability * Bins), 0, Bins - 1);
        cell.Cases++;
        cell.Pinball += pinball / q;
        cell.PinballLast += pinballLast / q;
        cell.PinballMean1H += pinballMean / q;
        cell.Brier += (probability - busy) * (double)(probability - busy);
        cell.BrierLast += (last >= threshold ? 1 : 0) == busy ? 0 : 1;
        cell.BrierMean1H += (mean >= threshold ? 1 : 0) == busy ? 0 : 1;
        cell.Busy += busy;
        cell.BinCases[bin]++;
        cell.BinProbability[bin] += probability;
        cell.BinBusy[bin] += busy;
        State.LongCases++;
        State.LongPinball += pinball / q;
        State.LongPinballLast += pinballLast / q;
        State.LongPinballMean1H += pinballMean / q;
    }

    private void Fade(double kept, double longKept)
    {
        foreach (SkillCell c in State.Cells)
        {
            (c.Cases, c.Pinball, c.PinballLast, c.PinballMean1H) = (c.Cases * kept, c.Pinball * kept, c.PinballLast * kept, c.PinballMean1H * kept);
            (c.Brier, c.BrierLast, c.BrierMean1H, c.Busy) = (c.Brier * kept, c.BrierLast * kept, c.BrierMean1H * kept, c.Busy * kept);
            for (int l = 0; l < c.Covered.Count; l++) c.Covered[l] *= kept;
            for (int b = 0; b < Bins; b++) (c.BinCases[b], c.BinProbability[b], c.BinBusy[b]) = (c.BinCases[b] * kept, c.BinProbability[b] * kept, c.BinBusy[b] * kept);
        }
        (State.LongCases, State.LongPinball, State.LongPinballLast, State.LongPinballMean1H) =
            (State.LongCases * longKept, State.LongPinball * longKept, State.LongPinballLast * longKept, State.LongPinballMean1H * longKept);
    }

    private void Decide()
    {
        SkillTotals total = SkillTotals.Of(State);
        if (total.Cases < _options.CasesMin) return;
        bool brierCounts = total.Busy >= _options.BusyMin;
        double pinballRatio = Ratio(total.Pinball, total.PinballSimple), brierRatio = brierCounts ? Ratio(total.Brier, total.BrierSimple) : 0;
        if (!State.Demoted && (pinballRatio > _options.PinballLead || brierRatio > _options.BrierLead)) Demote(true, pinballRatio, brierRatio);
        else if (State.Demoted && pinballRatio <= 1 && brierRatio <= 1) Demote(false, pinballRatio, brierRatio);

        double now = 1 - pinballRatio, week = 1 - Ratio(State.LongPinball, Math.Min(State.LongPinballLast, State.LongPinballMean1H));
        if (State.LongCases < 2 * total.Cases) return;
        double lost = week - now;
        if (!State.SkillDrifted && lost > _options.SkillDrop) Drifted(true, now, week);
        else if (State.SkillDrifted && lost <= _options.SkillDrop / 2) Drifted(false, now, week);
    }

    private void Demote(bool demoted, double pinball, double brier)
    {
        State.Demoted = demoted;
        State.Events.Add(new ModelEvent
        {
            Kind = demoted ? ModelEvent.Types.Kind.Demoted : ModelEvent.Types.Kind.Restored,
            Value = Math.Max(pinball, brier),
            Reference = 1,
            Text = FormattableString.Invariant($"{State.Model} on {State.Cell}: pinball loss {pinball:F2} and Brier score {brier:F2} times those of the better simple signal; {(demoted ? "demoted" : "trusted again")}"),
        });
    }

    private void Drifted(bool drifted, double now, double week)
    {
        State.SkillDrifted = drifted;
        State.Events.Add(new ModelEvent
        {
            Kind = drifted ? ModelEvent.Types.Kind.SkillDrift : ModelEvent.Types.Kind.SkillDriftEnded,
            Value = now,
            Reference = week,
            Text = FormattableString.Invariant($"{State.Model} on {State.Cell}: skill over simple signals {now:F2} of late, {week:F2} over the week"),
        });
    }

    private int AgeGroup(uint ageSeconds)
    {
        int group = 0;
        while (group < _options.AgesS.Count && ageSeconds > _options.AgesS[group]) group++;
        return group;
    }

    private static double Ratio(double own, double simple) => simple > 0 ? own / simple : own > 0 ? double.PositiveInfinity : 1;

    private static SkillCell NewCell(uint horizonS, uint ageS, int levels)
    {
        SkillCell cell = new() { HorizonS = horizonS, AgeS = ageS };
        cell.Covered.AddRange(new double[levels]);
        foreach (Google.Protobuf.Collections.RepeatedField<double> bins in new[] { cell.BinCases, cell.BinProbability, cell.BinBusy }) bins.AddRange(new double[Bins]);
        return cell;
    }
}
