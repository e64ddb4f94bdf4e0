using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Skill;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Predictor.Skill;

public sealed class FeatureWatchTests
{
    private readonly SkillOptions _options = new() { FeatureFade = TimeSpan.FromHours(2) };

    [Fact]
    public void Bins_hold_a_tenth_each_by_weight_and_ties_and_unknowns_have_their_own()
    {
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => i / 1000f)];
        FeatureBins even = FeatureBinsMeasure.Of("f", values, [.. values.Select(_ => 1f)]);
        Assert.Equal(9, even.Edges.Length);
        Assert.All(even.Shares[..10], s => Assert.Equal(.1f, s, 1e-3f));
        Assert.Equal(0, even.Shares[10]);

        FeatureBins tied = FeatureBinsMeasure.Of("f", [0, 0, 0, 0, 0, 0, 1, 2, float.NaN, float.NaN], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal([0f, 1f], tied.Edges);
        Assert.Equal([.6f, .1f, .1f, .2f], tied.Shares);
        Assert.Equal((0, 1, 2, 3), (tied.BinOf(-1), tied.BinOf(.5f), tied.BinOf(9), tied.BinOf(float.NaN)));
        Assert.Equal([.5f, .5f], FeatureBinsMeasure.Of("f", [5, float.NaN], [1, 1]).Shares);
    }

    [Fact]
    public void A_shift_is_told_once_and_its_end_too()
    {
        FeatureBins bins = FeatureBinsMeasure.Of("peak", [.. Enumerable.Range(0, 1000).Select(i => i / 1000f)], [.. Enumerable.Repeat(1f, 1000)]);
        FeatureWatch watch = new(TestModel.Signature, [bins], _options);
        FeatureDrift drift = new();
        List<ModelEvent> events = [];
        Random random = new(1);
        Feed(10, 0);
        Assert.True(float.IsNaN(drift.Psi[0]), "too little was seen");
        Feed(60, 0);
        Assert.InRange(drift.Psi[0], 0, .05);
        Assert.Empty(events);
        Feed(60, .5f);
        ModelEvent shifted = Assert.Single(events);
        Assert.Equal((ModelEvent.Types.Kind.FeatureDrift, "peak"), (shifted.Kind, shifted.Feature));
        Feed(200, 0);
        Assert.Equal([ModelEvent.Types.Kind.FeatureDrift, ModelEvent.Types.Kind.FeatureDriftEnded], events.Select(e => e.Kind));

        void Feed(int steps, float shift)
        {
            InputBuffers inputs = new(TestModel.Signature);
            for (int i = 0; i < steps; i++)
            {
                inputs.Reset(200);
                for (int row = 0; row < 200; row++) inputs.SetFeatures(row, [random.NextSingle() + shift, 0f], [0, 1]);
                watch.Add(drift, inputs, Math.Exp(-300_000 / _options.FeatureFade.TotalMilliseconds), events);
            }
        }
    }
}
