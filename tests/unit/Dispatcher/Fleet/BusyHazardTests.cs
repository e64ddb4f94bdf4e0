using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Tests.Unit.Dispatcher.Fleet;

public sealed class BusyHazardTests
{
    private static readonly float[] LogFree = [.. new[] { .1, .19, .3, .5 }.Select(p => (float)BusyHazard.LogFree(p))];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(300, .1)]
    [InlineData(3600, .5)]
    // Halfway to the first horizon: 1 - sqrt(.9).
    [InlineData(150, .0513167)]
    // Halfway between 5 and 15 minutes: 1 - sqrt(.9 * .81).
    [InlineData(600, .1461850)]
    [InlineData(100_000, .5)]
    public void The_hazard_is_constant_between_horizons(double seconds, double expected) =>
        Assert.Equal(expected, 1 - Math.Exp(BusyHazard.LogFreeFor(seconds, BusyHazard.HorizonsS, LogFree)), 6);

    [Fact]
    public void A_certainty_stays_finite() => Assert.True(double.IsFinite(BusyHazard.LogFree(1)));
}
