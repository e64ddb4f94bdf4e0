using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Tests.Unit.Dispatcher.Fleet;

public sealed class ForecastTableTests
{
    private const long Step = 300_000;

    private static readonly float[] NeverBusy = new float[BusyHazard.Horizons];

    private readonly ForecastTable table = new(new FleetOptions());

    [Fact]
    public void The_ladder_goes_from_the_prediction_to_the_last_utilisation_to_the_mean_of_the_fleet()
    {
        table.Predict(0, 0, 0, Step, .8, NeverBusy);
        table.Predict(1, 0, 0, Step, .4, NeverBusy);
        table.Measure(0, 0, .3);
        Assert.Equal((.8f, SignalRung.Prediction), At(0, 3 * Step));
        Assert.Equal((.7f, SignalRung.LastUtilization), At(0, (3 * Step) + 1));
        Assert.Equal((.7f, SignalRung.LastUtilization), At(0, 3_600_000));
        Assert.Equal((.6f, SignalRung.InFlightAndWarm), At(0, 3_600_001));
        Assert.Equal((.6f, SignalRung.InFlightAndWarm), At(1, (3 * Step) + 1));
    }

    [Fact]
    public void Where_nothing_is_known_of_any_VM_all_count_as_free() => Assert.Equal((1f, SignalRung.InFlightAndWarm), At(5, 0));

    [Fact]
    public void A_revision_replaces_and_what_is_older_does_not()
    {
        Assert.True(table.Predict(0, Step, 0, Step, .8, NeverBusy));
        Assert.True(table.Predict(0, Step, 1, Step, .6, NeverBusy));
        Assert.False(table.Predict(0, Step, 0, Step, .9, NeverBusy));
        Assert.False(table.Predict(0, 0, 5, Step, .9, NeverBusy));
        Assert.Equal((.6f, SignalRung.Prediction), At(0, Step));
    }

    [Fact]
    public void The_mean_does_not_depend_on_the_order_of_predictions()
    {
        ForecastTable other = new(new FleetOptions());
        for (int i = 0; i < 1000; i++) table.Predict(i, 0, 0, Step, i / 1000.0, NeverBusy);
        for (int i = 999; i >= 0; i--)
        {
            other.Predict(i, 0, 0, Step, .5, NeverBusy);
            other.Predict(i, 0, 1, Step, i / 1000.0, NeverBusy);
        }
        Assert.Equal(table.MeanFreeShare, other.MeanFreeShare);
        Assert.Equal(.4995, table.MeanFreeShare, 5);
    }

    private (float Share, SignalRung Rung) At(int vm, long nowMs)
    {
        float share = table.FreeShare(vm, nowMs, out SignalRung rung);
        return (MathF.Round(share, 5), rung);
    }
}
