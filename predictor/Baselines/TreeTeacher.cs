using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Predictor.Baselines;

/// <summary>
/// Boosted trees as a network's teacher. Each part of a trace's slots is judged by trees that were fitted on the other parts: of what they were fitted on they
/// would say what came true, not what was to be expected (Wolpert, "Stacked Generalization", 1992).
/// </summary>
public sealed class TreeTeacher
{
    /// <summary>Parts that the slots are cut into, each of days that follow one another: neighbouring slots are nearly the same.</summary>
    public const int Folds = 3;

    private const int FitSeed = 1;

    private readonly TraceSnapshots _trace;
    private readonly TraceTruth _truth;
    private readonly PeerFeatures _features;
    private readonly EvaluationOptions _options;
    private readonly int _threads;

    /// <param name="isCase">VMs that may be looked at; null: all.</param>
    public TreeTeacher(TraceSnapshots trace, EvaluationOptions options, Func<int, bool>? isCase, int threads)
    {
        (_trace, _options, _threads) = (trace, options, threads);
        _truth = new TraceTruth(trace.Utilization, trace.Vms.Count, trace.StepMs, isCase);
        _features = new PeerFeatures(trace, _truth);
    }

    /// <summary>Chances at all slots that others can teach of.</summary>
    /// <param name="slots">Rising; their snapshots were made with one draw of withheld steps.</param>
    /// <param name="report">Called after each part, with how many slots have been judged.</param>
    /// <exception cref="DllNotFoundException">There is no LightGBM for this machine.</exception>
    public TeacherChances Teach(IReadOnlyList<int> slots, Action<int> report, CancellationToken cancel)
    {
        TeacherChances chances = new(_trace.Slots, _trace.Vms.Count, _options.HorizonSteps.Count);
        int horizon = _options.HorizonSteps[^1], judged = 0;
        foreach (int[] part in Parts(slots))
        {
            // What is fitted on ends before the part's first future begins, and begins when its last has ended.
            FittingRows rows = FittingRows.Draw(_features, _trace, _truth, _options, slots.Where(s => s < part[0] - horizon || s > part[^1] + horizon), FitSeed);
            if (rows.Onsets().Length == 0) continue;
            BoostedTrees[] trees = TreeForecaster.FitBusy(rows, PeerFeatures.Count, _options, _threads, cancel);
            Parallel.ForEach(part, new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancel }, slot => chances.Set(slot, Judge(trees, slot)));
            foreach (BoostedTrees model in trees) model.Dispose();
            report(judged += part.Length);
        }
        return chances;
    }

    private static IEnumerable<int[]> Parts(IReadOnlyList<int> slots) => slots.Chunk(Math.Max(1, (slots.Count + Folds - 1) / Folds));

    private Half[] Judge(BoostedTrees[] trees, int slot)
    {
        SlotRows rows = _trace.Rows[slot] ?? throw new ArgumentException($"no snapshot was made of slot {slot}");
        WithheldFeatures withheld = rows.Withheld[0];
        int vms = _trace.Vms.Count, width = PeerFeatures.Count;
        float[] values = new float[2 * vms * width];
        for (int i = 0; i < 2 * vms; i++)
        {
            (int vm, bool silent) = (i % vms, i >= vms);
            float[] features = silent ? withheld.Features : rows.Features;
            _features.Write(slot, silent ? withheld.Steps[vm] : 0, vm, features, rows, values.AsSpan(i * width, width));
        }
        Half[] chances = new Half[2 * vms * trees.Length];
        double[] result = new double[2 * vms];
        for (int h = 0; h < trees.Length; h++)
        {
            trees[h].Predict(values, result);
            for (int i = 0; i < result.Length; i++) chances[i * trees.Length + h] = (Half)result[i];
        }
        return chances;
    }
}
