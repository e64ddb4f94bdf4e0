using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Tests.Unit.Dispatcher.Fleet;

public sealed class ExpectedFreeTests
{
    [Theory]
    // Never busy, all quantiles 0.2: a quarter counts as 0.19.
    [InlineData(.2, .2, .2, 0, 1 - ((.25 * .19) + (.75 * .2)))]
    // Spread: atoms .19, .2, .3, .5, .65, .7 at .25, .25, .2, .2, .05, .05.
    [InlineData(.2, .6, .7, 0, 1 - ((.25 * .19) + (.25 * .2) + (.2 * .3) + (.2 * .5) + (.05 * .65) + (.05 * .7)))]
    // Busy with .1: the two uppermost atoms give way to .97.
    [InlineData(.2, .6, .7, .1, 1 - ((.25 * .19) + (.25 * .2) + (.2 * .3) + (.2 * .5) + (.1 * .97)))]
    // Busy with .6: only .4 are left, from below: .25 and .15.
    [InlineData(.2, .6, .7, .6, 1 - ((.25 * .19) + (.15 * .2) + (.6 * .97)))]
    [InlineData(.9, .95, .99, 1, .03)]
    public void The_expected_free_share_is_that_of_the_atoms(double q50, double q90, double q95, double busy, double expected) =>
        Assert.Equal(expected, ExpectedFree.Share(new PeakForecast(q50, q90, q95, busy)), 12);

    [Fact]
    public void More_levels_than_the_three_do_not_change_the_shape()
    {
        double three = ExpectedFree.Share(ExpectedFree.Forecast([.5f, .9f, .95f], [.2f, .6f, .7f], .05));
        double seven = ExpectedFree.Share(ExpectedFree.Forecast([.1f, .25f, .5f, .75f, .9f, .95f, .99f], [.01f, .1f, .2f, .4f, .6f, .7f, .9f], .05));
        Assert.Equal(three, seven, 6);
    }

    [Fact]
    public void A_level_that_is_not_given_is_read_off_between_its_neighbours()
    {
        double direct = ExpectedFree.Share(new PeakForecast(.3, .7, .75, 0));
        Assert.Equal(direct, ExpectedFree.Share(ExpectedFree.Forecast([.25f, .75f, .8f, 1f], [.2f, .4f, .6f, .8f], 0)), 6);
    }

    [Fact]
    public void A_single_level_stands_for_all()
    {
        Assert.Equal(ExpectedFree.Share(new PeakForecast(.4, .4, .4, .1)), ExpectedFree.Share(ExpectedFree.Forecast([.5f], [.4f], .1)), 6);
    }
}
