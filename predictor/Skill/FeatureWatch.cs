using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Skill;

/// <summary>
/// Tells when features are no longer distributed as in training, by the population stability index, the sum over bins of (a - e) ln(a / e) with a the share of
/// live rows and e that of training. Sums are kept in a <see cref="FeatureDrift"/>.
/// </summary>
internal sealed class FeatureWatch
{
    /// <summary>An empty bin counts as this share: a logarithm of nothing says too much.</summary>
    private const double ShareMin = 1e-3;

    private const double StepsOfFade = .5;

    private readonly InputSignature _signature;
    private readonly SkillOptions _options;
    private readonly FeatureBins[] _bins;
    private readonly int[] _columns;
    private readonly int _width;

    public FeatureWatch(InputSignature signature, IReadOnlyList<FeatureBins> bins, SkillOptions options)
    {
        (_signature, _options) = (signature, options);
        _bins = [.. bins.Where(b => signature.Features.Contains(b.Feature))];
        _columns = [.. _bins.Select(b => signature.Features.ToList().IndexOf(b.Feature))];
        _width = _bins.Sum(b => b.Shares.Length);
    }

    /// <summary>Takes a snapshot's rows.</summary>
    /// <param name="kept">Part of what was there before that still counts, 0..1.</param>
    /// <param name="events">Is told of drifts that begin or end.</param>
    public void Add(FeatureDrift drift, InputBuffers inputs, double kept, ICollection<ModelEvent> events)
    {
        if (_bins.Length == 0) return;
        if (drift.Rows.Count != _width)
        {
            drift.Rows.Clear();
            drift.Rows.AddRange(new double[_width]);
            drift.Steps = 0;
        }
        for (int i = 0; i < _width; i++) drift.Rows[i] *= kept;
        drift.Steps = drift.Steps * kept + 1;
        int every = Math.Max(1, inputs.Rows / _options.FeatureRowsMax);
        for (int row = 0; row < inputs.Rows; row += every)
        {
            for (int f = 0, at = 0; f < _bins.Length; at += _bins[f++].Shares.Length)
                drift.Rows[at + _bins[f].BinOf(inputs.Features[row * _signature.Features.Count + _columns[f]])]++;
        }
        Judge(drift, events);
    }

    private void Judge(FeatureDrift drift, ICollection<ModelEvent> events)
    {
        // Half of what is ever seen at once: with the default two thirds of a day, in which most hours are.
        bool enough = drift.Steps >= StepsOfFade * (_options.FeatureFade.TotalMilliseconds / _signature.StepMs);
        drift.Psi.Clear();
        for (int f = 0, at = 0; f < _bins.Length; at += _bins[f++].Shares.Length)
        {
            double psi = enough ? Index(drift, _bins[f], at) : double.NaN;
            drift.Psi.Add((float)psi);
            string name = _bins[f].Feature;
            bool drifted = drift.Drifted.Contains(name);
            if (!drifted && psi >= _options.DriftFrom)
            {
                drift.Drifted.Add(name);
                events.Add(Event(ModelEvent.Types.Kind.FeatureDrift, name, psi, _options.DriftFrom, $"feature {name} is distributed otherwise than in training: population stability index {psi:F2}"));
            }
            else if (drifted && psi <= _options.DriftUntil)
            {
                drift.Drifted.Remove(name);
                events.Add(Event(ModelEvent.Types.Kind.FeatureDriftEnded, name, psi, _options.DriftUntil, $"feature {name} is distributed as in training again: population stability index {psi:F2}"));
            }
        }
    }

    private static double Index(FeatureDrift drift, FeatureBins bins, int at)
    {
        double all = 0, index = 0;
        for (int b = 0; b < bins.Shares.Length; b++) all += drift.Rows[at + b];
        if (all <= 0) return double.NaN;
        for (int b = 0; b < bins.Shares.Length; b++)
        {
            double actual = Math.Max(drift.Rows[at + b] / all, ShareMin), expected = Math.Max(bins.Shares[b], ShareMin);
            index += (actual - expected) * Math.Log(actual / expected);
        }
        return index;
    }

    private static ModelEvent Event(ModelEvent.Types.Kind kind, string feature, double value, double reference, FormattableString text) =>
        new() { Kind = kind, Feature = feature, Value = value, Reference = reference, Text = FormattableString.Invariant(text) };
}
