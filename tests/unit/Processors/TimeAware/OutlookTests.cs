using Pipeline.Infra.Randomness;
using Pipeline.Processors.TimeAware;

namespace Pipeline.Tests.Unit.Processors.TimeAware;

public sealed class OutlookTests
{
    private static readonly SlotClock Clock = new();

    private static readonly long Start = Clock.SlotOf(SlotClockTests.Monday);

    [Fact]
    public void Intervals_hold_as_often_as_they_say_at_every_horizon_even_where_noise_has_memory()
    {
        Outlook outlook = new(Clock, ProfileOptions.Default);
        SplitMix random = new(11);
        double noise = 0;
        int[] within80 = new int[24], within95 = new int[24];
        List<SlotForecast[]> made = [];
        for (int h = 0; h < 24 * 90; h++)
        {
            noise = (.8 * noise) + (.05 * (random.NextDouble() - .5));
            double share = .4 + (.2 * Math.Sin(h % 24 / 24.0 * Math.Tau)) + noise;
            if (h >= 24 * 45)
            {
                for (int ahead = 1; ahead <= 24; ahead++)
                {
                    SlotForecast f = made[h - ahead][ahead - 1];
                    if (share >= f.Low80 && share <= f.High80) within80[ahead - 1]++;
                    if (share >= f.Low95 && share <= f.High95) within95[ahead - 1]++;
                }
            }
            outlook.Observe(Start + h, share, share + .02);
            made.Add([.. Enumerable.Range(1, 24).Select(outlook.At)]);
        }
        double slots = 24 * 45;
        Assert.All(within80, n => Assert.InRange(n / slots, .77, .83));
        Assert.All(within95, n => Assert.InRange(n / slots, .93, .97));
    }

    [Fact]
    public void A_deviation_fades()
    {
        Forecaster forecaster = new(Clock, ProfileOptions.Default);
        for (int h = 0; h < 24 * 21; h++) forecaster.Observe(Start + h, .3);
        for (int h = 0; h < 6; h++) forecaster.Observe(Start + (24 * 21) + h, .6);
        long now = Start + (24 * 21) + 5;
        Assert.True(forecaster.Forecast(now, 1) > .4);
        Assert.InRange(forecaster.Forecast(now, 24), .28, .4);
    }

    [Fact]
    public void Nothing_is_above_all_that_there_is()
    {
        SplitMix random = new(6);
        Outlook outlook = new(Clock, ProfileOptions.Default);
        long start = Clock.SlotOf(SlotClockTests.Monday);
        for (int h = 0; h < 24 * 20; h++)
        {
            double share = random.NextDouble() < .5 ? .9 : .3;
            outlook.Observe(start + h, share, share < .5 ? share : 1);
        }
        Assert.Equal((0, 0), outlook.Above(1, 1.05));
        (double probability, double excess) = outlook.Above(1, .95);
        Assert.InRange(probability, .4, .6);
        // Peaks are 1 half of the time, so that .05 is missing then, however far forecasts were off.
        Assert.InRange(excess, 0, .05 * probability);
    }

    [Fact]
    public void A_community_that_is_born_later_begins_with_what_its_members_did_and_goes_on_from_there()
    {
        CellOutlook cell = new("c", Clock, ProfileOptions.Default);
        string[] names = ["a", "b", "c", "d"];
        for (int h = 0; h < 24 * 9; h++)
        {
            if (h == 24 * 7) cell.SetCommunities(names.Take(3).Select(n => (n, 5u)));
            float share = h % 24 is >= 8 and < 18 ? .7f : .2f;
            cell.Feed(SlotClockTests.Monday + ((h + 1) * 3_600_000L), [.. names.Select(n => new VmSample(n, 4, 1, share, float.NaN))]);
        }
        GroupOutlook born = Assert.Single(cell.Communities.Values);
        Assert.Equal(cell.Now, born.Cpu.Now);
        Assert.InRange(born.Cpu.At(12).Share, .6, .75);
        Assert.InRange(born.Cpu.At(3).Share, .15, .3);
    }

    [Fact]
    public void Gaps_are_not_learnt_from()
    {
        Outlook outlook = new(Clock, ProfileOptions.Default);
        for (int h = 0; h < 24 * 21; h++) outlook.Observe(Start + h, h % 50 < 10 ? double.NaN : .3, .3);
        for (int ahead = 1; ahead <= 24; ahead++) Assert.InRange(outlook.At(ahead).Share, .299, .301);
        outlook.Observe(Start + (24 * 60), double.NaN, double.NaN);
        Assert.InRange(outlook.At(1).Share, .299, .301);
    }

    [Fact]
    public void Nothing_is_told_before_anything_is_known()
    {
        Outlook outlook = new(Clock, ProfileOptions.Default);
        outlook.Observe(Start, double.NaN, double.NaN);
        Assert.True(double.IsNaN(outlook.At(1).Share));
        outlook.Observe(Start + 1, .5, .5);
        Assert.Equal(.5, outlook.At(1).Share, 3);
        Assert.True(double.IsNaN(outlook.At(1).Low95) && double.IsNaN(outlook.PeakAt(1, .9)));
    }

    [Fact]
    public void An_error_window_gives_the_empirical_quantiles_of_the_newest()
    {
        ErrorWindow window = new(steered: false);
        for (int i = 0; i < 2000; i++) window.Add(i % 100 / 100.0);
        Assert.Equal(ErrorWindow.Capacity, window.Count);
        Assert.InRange(window.Quantile(.9), .87, .93);
        Assert.InRange(window.ShareAbove(.895), .08, .13);
        Assert.InRange(window.MeanExcess(.5), .1, .15);
    }

    [Fact]
    public void Steps_within_the_hour_follow_what_was_just_seen()
    {
        CellOutlook cell = new("c", Clock, ProfileOptions.Default);
        SplitMix random = new(2);
        int high = 0, asked = 0;
        double bound = double.NaN;
        for (int s = 0; s < 12 * 24 * 12; s++)
        {
            // Busy half hours, every three hours.
            float cpu = (float)((s % 36 < 6 ? .7 : .2) + (.02 * random.NextDouble()));
            if (!double.IsNaN(bound) && s > 2000)
            {
                asked++;
                if (cpu > bound) high++;
            }
            cell.Feed(SlotClockTests.Monday + ((s + 1) * 300_000L), [new VmSample("a", 4, 1, cpu, float.NaN)]);
            bound = cell.Whole.Steps.Quantile(1, cell.Open, .9);
        }
        Assert.InRange(high / (double)asked, .02, .15);
    }
}
