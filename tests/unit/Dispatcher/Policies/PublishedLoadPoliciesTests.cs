using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Policies;

public sealed class PublishedLoadPoliciesTests
{
    [Theory]
    // (1 + 1) / 4 used, deviation .5 / 4: 100 (1 - (.5 + .125) / 2).
    [InlineData(1, .5, 1, 4, 68.75)]
    [InlineData(0, 0, 0, 4, 100)]
    [InlineData(4, 4, 1, 4, 0)]
    [InlineData(1, 0, 1, 0, 0)]
    public void Risk_is_the_mean_of_load_and_deviation(double used, double deviation, double requested, double capacity, double score) =>
        Assert.Equal(score, LoadVariationPolicy.Score(used, deviation, requested, capacity), 9);

    [Theory]
    // The peak and a tenth are .55 of 4 cores, one call a core: .8 of 4 left.
    [InlineData(.5, 1, 4, 20)]
    [InlineData(0, 0, 4, 100)]
    [InlineData(1, 3, 4, 0)]
    public void Load_aware_scores_are_what_is_left_beside_the_peak(double peak, int inFlight, double cores, double score) =>
        Assert.Equal(score, LoadAwarePolicy.Score(peak, inFlight, cores), 9);

    [Theory]
    // .2 * .9 + .3 * .8 + .5 * .7 = .77; two calls on four cores are half a hot value: 77 - 5.
    [InlineData(.1, .2, .3, .5, 72)]
    [InlineData(0, 0, 0, 0, 100)]
    public void Crane_weighs_minutes_hour_and_day_and_takes_off_what_is_hot(double minutes, double hour, double day, double hot, double score) =>
        Assert.Equal(score, CranePolicy.Score(minutes, hour, day, hot), 9);

    [Theory]
    // 4 * (.25 + 5 * .05) = 2 of 4 cores are the peak.
    [InlineData(2, 1, .25, .05, true)]
    [InlineData(3, 1, .25, .05, false)]
    [InlineData(4, .5, .25, .05, true)]
    [InlineData(1, 1, .5, .2, false)]
    public void N_sigma_fits_calls_beside_mean_and_five_deviations(int calls, double perCall, double mean, double deviation, bool fits) =>
        Assert.Equal(fits, NSigmaPolicy.Fits(calls, perCall, mean, deviation, 4));

    [Theory]
    // A cold start that doubles the time: one call per core is accepted; one that costs ten times: 1.2 * 2.2 - 1.
    [InlineData(2, 1, 1)]
    [InlineData(10, 1, 1.64)]
    public void CH_RLU_accepts_load_up_to_what_a_cold_start_costs(double cold, double warm, double load) =>
        Assert.Equal(load, RandomLoadUpdatePolicy.Acceptable(cold, warm), 9);

    [Theory]
    // 8 calls a second of half a second are 4 running, over 10 VMs of 4 cores .1.
    [InlineData(8, .5, 10, 4, .1)]
    [InlineData(80, .5, 10, 4, .2)]
    public void CH_RLU_noise_is_the_load_that_is_not_reported_yet(double perSecond, double service, int vms, double cores, double mean) =>
        Assert.Equal(mean, RandomLoadUpdatePolicy.NoiseMean(perSecond, service, vms, cores), 9);

    [Theory]
    // 70 % of 4 cores less a quarter in use.
    [InlineData(4, .75, 1.8)]
    [InlineData(4, .2, 0)]
    public void A_worker_offers_seventy_per_cent_less_its_own_load(double cores, double free, double offer) =>
        Assert.Equal(offer, MinWorkerSetPolicy.Offer(cores, free), 9);

    [Theory]
    [InlineData(LoadVariationPolicy.PolicyName)]
    [InlineData(LoadAwarePolicy.PolicyName)]
    [InlineData(CranePolicy.PolicyName)]
    [InlineData(NSigmaPolicy.PolicyName)]
    [InlineData(LoadPackingPolicy.PolicyName)]
    public void Policies_by_published_load_keep_away_from_a_busy_VM(string policy)
    {
        TestFleet fleet = new(policy: policy);
        fleet.Feed.Read(TestFleet.Predict(Samples.Time, ["a", "c"], utilization: .1f));
        fleet.Feed.Read(TestFleet.Predict(Samples.Time, ["b"], utilization: .9f));
        Assert.All(Enumerable.Range(0, 4), i => Assert.NotEqual("b", fleet.Router.Route(TestFleet.Call($"{i}"))!.Vm));
    }

    [Fact]
    public void Min_worker_set_keeps_a_rare_function_on_one_VM_until_that_is_loaded()
    {
        TestFleet fleet = new(policy: MinWorkerSetPolicy.PolicyName);
        fleet.Feed.Read(TestFleet.Predict(Samples.Time, TestFleet.Names(10)));
        List<string> vms = [.. Enumerable.Range(0, 4).Select(i => fleet.Router.Route(TestFleet.Call($"{i}", Samples.Time + (i * 60_000)))!.Vm)];
        // 2.8 cores: three calls in flight, the fourth goes to the least loaded.
        Assert.Single(vms.Take(3).Distinct());
        Assert.NotEqual(vms[0], vms[3]);
    }

    [Fact]
    public void CH_RLU_moves_on_along_the_ring_when_the_first_VM_is_loaded()
    {
        TestFleet fleet = new(policy: RandomLoadUpdatePolicy.PolicyName);
        fleet.Feed.Read(TestFleet.Predict(Samples.Time, TestFleet.Names(10)));
        List<string> vms = [.. Enumerable.Range(0, 12).Select(i => fleet.Router.Route(TestFleet.Call($"{i}"))!.Vm)];
        Assert.InRange(vms.Distinct().Count(), 2, 5);
        Assert.Single(vms.Take(3).Distinct());
    }

    [Fact]
    public void A_VM_without_room_gets_nothing_from_any_policy() => Assert.All(PolicyCatalog.Names, policy =>
    {
        TestFleet fleet = new(policy: policy);
        fleet.Feed.Read(TestFleet.Predict(Samples.Time, ["a", "b"], memoryBytes: 256 * TestFleet.Mebibyte));
        Dispatch[] answers = [.. Enumerable.Range(0, 6).Select(i => fleet.Router.Route(TestFleet.Call($"{i}"))!)];
        Assert.Equal(4, answers.Count(a => a.Outcome == Dispatch.Types.Outcome.Dispatched));
        Assert.All(answers.Where(a => a.Outcome == Dispatch.Types.Outcome.Rejected), a => Assert.Equal(RejectCodes.NoMemory, a.RejectCode));
    });

    [Fact]
    public void The_history_keeps_an_hour_and_a_decayed_view_of_before()
    {
        UtilizationHistory history = new();
        for (int i = 0; i < 13; i++) history.Add(2, i * 300_000L, i == 0 ? 1 : i % 2 == 0 ? .2 : .4);
        (double mean, double deviation, double max) = history.Hour(2);
        Assert.Equal((.3, .1, .4), (Math.Round(mean, 6), Math.Round(deviation, 6), Math.Round(max, 6)));
        Assert.Equal(.2, history.Last(2), 6);
        // The one at full was an hour ago: it counts 2^(-1/24).
        Assert.Equal(1, history.Quantile(2, .95));
        Assert.Equal(.45, history.Quantile(2, .9), 6);
        Assert.InRange(history.Day(2), .34, .36);
        Assert.Equal((0.0, 0.0, long.MinValue), (history.Last(7), history.Quantile(7, .5), history.NewestMs(7)));
    }
}
