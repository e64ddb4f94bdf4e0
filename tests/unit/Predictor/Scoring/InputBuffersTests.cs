using Pipeline.Predictor.Scoring;

namespace Pipeline.Tests.Unit.Predictor.Scoring;

public sealed class InputBuffersTests
{
    [Fact]
    public void A_feature_is_dropped_of_all_rows_or_of_none()
    {
        const int Rows = 7, Draws = 2000;
        int features = TestModel.Signature.Features.Count, dropped = 0;
        InputBuffers inputs = new(TestModel.Signature);
        Random random = new(3);
        for (int draw = 0; draw < Draws; draw++)
        {
            inputs.Reset(Rows);
            Array.Fill(inputs.Features, .5f);
            inputs.DropFeatures(.15, random);
            for (int feature = 0; feature < features; feature++)
            {
                int unknown = Enumerable.Range(0, Rows).Count(row => float.IsNaN(inputs.Features[row * features + feature]));
                Assert.True(unknown is 0 or Rows);
                dropped += unknown / Rows;
            }
        }
        // Within four standard deviations.
        double share = dropped / (double)(Draws * features), deviation = Math.Sqrt(.15 * .85 / (Draws * features));
        Assert.InRange(share, .15 - 4 * deviation, .15 + 4 * deviation);
    }
}
