using System.Globalization;

namespace Pipeline.Predictor.Evaluation;

/// <summary>Measures methods on a trace. Scores that are no probabilities are made such by isotonic regression on earlier slots.</summary>
/// <param name="fitSlots">Slots to fit on; none of them, nor the horizon behind it, is evaluated.</param>
public sealed class Evaluator(TraceTruth truth, EvaluationOptions options, IReadOnlyList<int> fitSlots)
{
    private const int CurvePoints = 100;

    private readonly List<EvaluationCurve> _curves = [];

    /// <summary>Of all methods that were evaluated, in their order.</summary>
    public IReadOnlyList<EvaluationCurve> Curves => _curves;

    /// <summary>One result per age and horizon.</summary>
    public IEnumerable<EvaluationResult> Evaluate(IForecaster method, IReadOnlyList<int> slots)
    {
        foreach (int stale in options.StaleSteps)
        {
            CaseSet cases = CaseSet.Collect(method, truth, options, slots, stale);
            CaseSet? fit = method.GivesProbabilities ? null : CaseSet.Collect(method, truth, options, fitSlots, stale);
            for (int h = 0; h < options.HorizonSteps.Count; h++) yield return Result(method.Name, stale, h, cases, fit);
        }
    }

    private EvaluationResult Result(string method, int stale, int h, CaseSet cases, CaseSet? fit)
    {
        (bool[] outcome, float[] score) = cases.Onsets(h, options.BusyThreshold);
        float[] probability = score;
        if (fit is not null)
        {
            (bool[] fitOutcome, float[] fitScore) = fit.Onsets(h, options.BusyThreshold);
            IsotonicRegression isotonic = IsotonicRegression.Fit(fitScore, fitOutcome);
            probability = [.. score.Select(isotonic.Probability)];
        }
        if (Measures.BaseRate(outcome) > 0)
            _curves.Add(new EvaluationCurve(method, options.HorizonSteps[h], stale, Measures.Reliability(outcome, probability), Measures.PrecisionRecall(outcome, score, CurvePoints)));
        return new EvaluationResult
        {
            Method = method,
            HorizonSteps = options.HorizonSteps[h],
            StaleSteps = stale,
            Cases = outcome.Length,
            QuantileCases = cases.Count,
            BaseRate = Measures.BaseRate(outcome),
            Auroc = Measures.Auroc(outcome, score),
            AveragePrecision = Measures.AveragePrecision(outcome, score),
            BrierSkill = Measures.BrierSkill(outcome, probability),
            LogLoss = Measures.LogLoss(outcome, probability),
            Ece = Measures.CalibrationError(outcome, probability),
            Pinball = ByLevel(h, (q, level) => 100 * Measures.Pinball(cases.Peaks(h), cases.Quantiles(q), level)),
            Coverage = ByLevel(h, (q, _) => Measures.Coverage(cases.Peaks(h), cases.Quantiles(q))),
        };
    }

    private Dictionary<string, double> ByLevel(int h, Func<int, double, double> measure)
    {
        Dictionary<string, double> result = [];
        for (int q = 0; q < options.Levels.Count; q++)
        {
            // The level as written: 0.9f is not 0.9.
            string level = options.Levels[q].ToString(CultureInfo.InvariantCulture);
            result[level] = measure(h * options.Levels.Count + q, double.Parse(level, CultureInfo.InvariantCulture));
        }
        return result;
    }
}
