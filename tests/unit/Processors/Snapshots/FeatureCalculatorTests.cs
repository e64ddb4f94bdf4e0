using Pipeline.Processors.History;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Tests.Unit.Processors.Snapshots;

public sealed class FeatureCalculatorTests
{
    private const long Newest = 5_800_000;

    [Fact]
    public void Every_feature_agrees_with_its_definition_on_random_histories()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            int length = random.Next(1, 2500), withheld = random.Next(13);
            float[] u = NaiveFeatures.RandomPast(length, random.NextDouble() / 2, seed);
            Dictionary<string, double> wanted = NaiveFeatures.Compute(u, Newest, withheld);
            Dictionary<string, float> actual = Features(u, withheld);
            foreach (string name in wanted.Keys)
                Assert.True(Math.Abs(wanted[name] - actual[name]) < 2e-5, $"{name}: {actual[name]}, wanted {wanted[name]}; {length} steps, {withheld} withheld, seed {seed}");
        }
    }

    [Fact]
    public void A_vm_of_which_nothing_is_known_has_only_calendar_and_size()
    {
        Dictionary<string, float> features = Features([float.NaN], 0);
        string[] spoken = [.. features.Where(f => f.Value != 0f).Select(f => f.Key)];
        Assert.Empty(spoken.Except(["day_sin", "day_cos", "hour_sin", "hour_cos", "weekend", "cores", "memory"]));
        Assert.Contains("cores", spoken);
    }

    [Fact]
    public void Withheld_reports_change_nothing_that_was_known_before_them()
    {
        float[] u = NaiveFeatures.RandomPast(2300, 0, 5);
        float[] cut = [.. u];
        cut.AsSpan(^6..).Fill(float.NaN);
        Assert.Equal(Features(cut, 0), Features(u, 6));
    }

    [Fact]
    public void Sizes_are_logarithms()
    {
        Dictionary<string, float> features = Features([0.5f], 0);
        Assert.Equal(MathF.Log(5f) / 3f, features["cores"]);
        Assert.Equal(MathF.Log(8001f) / 12f, features["memory"], 6);
    }

    [Theory]
    [InlineData("2013-08-17T12:00:00Z", 1)]
    [InlineData("2013-08-18T23:55:00Z", 1)]
    [InlineData("2013-08-19T00:00:00Z", 0)]
    [InlineData("2013-08-16T23:55:00Z", 0)]
    public void Saturday_and_sunday_are_the_weekend(string time, float weekend) =>
        Assert.Equal(weekend, Features([0.5f], 0, DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() / 300_000)["weekend"]);

    [Fact]
    public void Steps_of_another_length_keep_days_where_a_week_of_them_is_kept_and_know_none_elsewhere()
    {
        float[] u = [.. Enumerable.Repeat(0.5f, 2500)];
        Assert.Equal(0.5f, Features(u, 0, Newest, 900_000)["yesterday"]);
        Assert.Equal(0f, Features(u, 0, Newest, 7 * 60_000)["yesterday"]);
        Assert.Equal(0f, Features(u, 0, Newest, 1_000)["yesterday"]);
        Assert.Equal(0.5f, Features(u, 0, Newest, 1_000)["mean_288"]);
    }

    private static Dictionary<string, float> Features(float[] u, int withheld, long newest = Newest, long stepMs = 300_000)
    {
        CellHistory history = new(new HistoryOptions { StepMs = stepMs });
        int slot = history.Add(4, 8_000_000_000);
        for (int i = 0; i < u.Length; i++)
        {
            history.Advance(newest - u.Length + 1 + i);
            history.Set(slot, history.Newest, new StepValues(u[i]));
        }
        float[] features = new float[FeatureSet.Count];
        new FeatureCalculator(history).Compute(slot, newest, withheld, features);
        return FeatureSet.Names.Zip(features).ToDictionary(p => p.First, p => p.Second);
    }
}
