using CsCheck;
using Pipeline.Predictor.Evaluation;

namespace Pipeline.Tests.Unit.Predictor.Evaluation;

public sealed class MeasuresTests
{
    private static readonly bool[] Outcome = [false, false, true, true, false, true];
    private static readonly float[] Score = [0.1f, 0.4f, 0.35f, 0.8f, 0.4f, 0.9f];

    [Fact]
    public void Auroc_counts_the_pairs_in_the_right_order() => Assert.Equal(7 / 9.0, Measures.Auroc(Outcome, Score), 12);

    [Fact]
    public void Auroc_counts_ties_half() => Assert.Equal(0.5, Measures.Auroc([true, false, true, false], [1, 1, 1, 1]), 12);

    // By hand: recall 1/3 at precision 1, 2/3 at 1, and 3/3 at 3/5 after the tie at 0.4.
    [Fact]
    public void Average_precision_takes_ties_together() => Assert.Equal((1 + 1 + 3 / 5.0) / 3, Measures.AveragePrecision(Outcome, Score), 12);

    [Fact]
    public void Average_precision_of_a_constant_score_is_the_base_rate() =>
        Assert.Equal(0.25, Measures.AveragePrecision([true, false, false, false], [1, 1, 1, 1]), 12);

    [Fact]
    public void Brier_skill_is_nought_for_the_base_rate_and_one_for_the_truth()
    {
        Assert.Equal(0, Measures.BrierSkill(Outcome, [0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f]), 12);
        Assert.Equal(1, Measures.BrierSkill(Outcome, [0, 0, 1, 1, 0, 1]), 12);
    }

    [Fact]
    public void Log_loss_of_a_half_is_the_logarithm_of_two() =>
        Assert.Equal(Math.Log(2), Measures.LogLoss([true, false], [0.5f, 0.5f]), 6);

    [Fact]
    public void Log_loss_of_a_sure_error_is_finite() => Assert.True(double.IsFinite(Measures.LogLoss([true], [0f])));

    [Fact]
    public void Calibration_error_is_the_distance_of_probability_and_frequency()
    {
        bool[] outcome = new bool[1500];
        float[] probability = new float[1500];
        for (int i = 0; i < outcome.Length; i++)
        {
            outcome[i] = i % 4 == 0;
            probability[i] = 0.35f;
        }
        Assert.Equal(0.1, Measures.CalibrationError(outcome, probability), 6);
    }

    [Fact]
    public void Pinball_weighs_under_and_over_by_the_level()
    {
        Assert.Equal(0.9, Measures.Pinball([1], [0], 0.9), 6);
        Assert.Equal(0.1, Measures.Pinball([0], [1], 0.9), 6);
    }

    [Fact]
    public void Coverage_counts_what_is_not_above() => Assert.Equal(0.5, Measures.Coverage([0.2f, 0.6f], [0.2f, 0.5f]), 12);

    [Fact]
    public void No_cases_give_no_number()
    {
        Assert.True(double.IsNaN(Measures.Auroc([], [])));
        Assert.True(double.IsNaN(Measures.AveragePrecision([false], [1])));
        Assert.True(double.IsNaN(Measures.BrierSkill([true], [1])));
        Assert.True(double.IsNaN(Measures.Pinball([], [], 0.5)));
    }

    [Fact]
    public void Auroc_is_the_share_of_ordered_pairs_whatever_the_scores() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 5]).Array[2, 30].Sample(cases =>
        {
            bool[] outcome = [.. cases.Select(c => c.Item1)];
            float[] score = [.. cases.Select(c => (float)c.Item2)];
            double pairs = 0, ordered = 0;
            for (int i = 0; i < cases.Length; i++)
            {
                for (int j = 0; j < cases.Length; j++)
                {
                    if (!outcome[i] || outcome[j]) continue;
                    pairs++;
                    ordered += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
                }
            }
            double actual = Measures.Auroc(outcome, score);
            return pairs == 0 ? double.IsNaN(actual) : Math.Abs(actual - ordered / pairs) < 1e-9;
        });
}
