using Pipeline.Dispatcher.Feedback;
using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Tests.Unit.Dispatcher.Feedback;

public sealed class CapacityFilterTests
{
    [Fact]
    public void Before_any_completion_the_prediction_stands_beside_a_little_of_everything_else()
    {
        // .95 * 4 + .02 * 3.9 + .01 * (2 + 1 + .2)
        Assert.Equal(3.91, Idle().ExpectedCores(), 9);
        CapacityFilter busy = new();
        busy.Reset(0, 4, new PeakForecast(0, 0, 0, 1));
        // .95 * 4 * .03 + .11
        Assert.Equal(.224, busy.ExpectedCores(), 9);
    }

    [Fact]
    public void The_predicted_distribution_gives_its_upper_atoms_up_to_the_probability_of_being_busy()
    {
        CapacityFilter filter = new();
        filter.Reset(0, 4, new PeakForecast(.2, .4, .6, .5));
        // Half at 4 * .03; a quarter at 4 * (1 - .19), a quarter at 4 * (1 - .2), nothing is left for those above.
        Assert.Equal((.95 * ((.5 * .12) + (.25 * 3.24) + (.25 * 3.2))) + .11, filter.ExpectedCores(), 9);
    }

    [Fact]
    public void A_slow_completion_speaks_for_less_capacity()
    {
        CapacityFilter filter = Idle();
        // Four calls at half a core each: s = .5 while 4, 3.9, 2, 1, .2 cores say 1, .975, .5, .25, .05: log likelihoods -3, -3, 0, -2.1701, -3.
        filter.Learn(0, 1, .5, 4);
        Assert.Equal(3.5759204607, filter.ExpectedCores(), 9);
        // A minute later that counts 1/e, and the same is seen once more.
        filter.Learn(60, 1, .5, 4);
        Assert.Equal(3.1683440395, filter.ExpectedCores(), 9);
    }

    [Fact]
    public void A_call_of_a_minute_counts_half_and_one_of_no_length_not_at_all()
    {
        CapacityFilter filter = Idle();
        filter.Learn(0, .02, .001, 4);
        filter.LearnFromWallTime(0, .02, -9, .1, 4);
        Assert.Equal(3.91, filter.ExpectedCores(), 9);
        filter.Learn(0, 60, 30, 4);
        Assert.Equal(3.8316648475, filter.ExpectedCores(), 9);
    }

    [Fact]
    public void Without_CPU_time_the_wall_time_is_held_against_the_functions_usual_one()
    {
        CapacityFilter filter = Idle();
        // Twice the usual half second: z = (ln 1 - ln .5 + ln p) / sqrt(.1^2 + .02), which is 0 at 2 cores for 4 calls.
        filter.LearnFromWallTime(0, 1, Math.Log(.5), .1, 4);
        Assert.Equal(3.6038891450, filter.ExpectedCores(), 9);
    }

    [Fact]
    public void A_new_prediction_ends_what_was_learnt()
    {
        CapacityFilter filter = Idle();
        filter.Learn(0, 1, .05, 4);
        filter.Reset(300, 4, new PeakForecast(0, 0, 0, 0));
        Assert.Equal(3.91, filter.ExpectedCores(), 9);
    }

    private static CapacityFilter Idle()
    {
        CapacityFilter filter = new();
        filter.Reset(0, 4, new PeakForecast(0, 0, 0, 0));
        return filter;
    }
}
