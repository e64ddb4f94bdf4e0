using Pipeline.Infra.CommandLine;
using Pipeline.Processors.TimeAware;

namespace Pipeline.Tests.Unit.Processors.TimeAware;

public sealed class SlotClockTests
{
    /// <summary>2026-01-05, a Monday, 00:00 UTC.</summary>
    internal const long Monday = 1_767_571_200_000;

    private const long Hour = 3_600_000;

    [Fact]
    public void A_week_begins_on_monday_at_midnight_of_the_zone()
    {
        Assert.Equal(0, new SlotClock().OfWeek(new SlotClock().SlotOf(Monday)));
        SlotClock berlin = new(60, "Europe/Berlin");
        Assert.Equal(1, berlin.OfWeek(berlin.SlotOf(Monday)));
        SlotClock newYork = new(15, "America/New_York");
        Assert.Equal((7 * 96) - 20, newYork.OfWeek(newYork.SlotOf(Monday)));
    }

    [Fact]
    public void Where_clocks_go_forward_an_hour_is_left_out_and_where_they_go_back_one_comes_twice()
    {
        SlotClock berlin = new(60, "Europe/Berlin");
        // Sunday 2026-03-29: 01:00 UTC is 03:00; Sunday 2026-10-25: 00:00 and 01:00 UTC are both 02:00.
        long spring = DateTimeOffset.Parse("2026-03-29T00:00:00Z", null).ToUnixTimeMilliseconds(), autumn = DateTimeOffset.Parse("2026-10-25T00:00:00Z", null).ToUnixTimeMilliseconds();
        int sunday = 6 * 24;
        Assert.Equal([sunday + 1, sunday + 3], [berlin.OfWeek(berlin.SlotOf(spring)), berlin.OfWeek(berlin.SlotOf(spring + Hour))]);
        Assert.Equal([sunday + 2, sunday + 2, sunday + 3], [berlin.OfWeek(berlin.SlotOf(autumn)), berlin.OfWeek(berlin.SlotOf(autumn + Hour)), berlin.OfWeek(berlin.SlotOf(autumn + (2 * Hour)))]);
    }

    [Fact]
    public void An_hour_of_the_week_is_the_same_local_hour_on_both_sides_of_a_change()
    {
        SlotClock berlin = new(60, "Europe/Berlin");
        long before = DateTimeOffset.Parse("2026-03-23T08:00:00+01:00", null).ToUnixTimeMilliseconds(), after = DateTimeOffset.Parse("2026-03-30T08:00:00+02:00", null).ToUnixTimeMilliseconds();
        Assert.Equal(berlin.OfWeek(berlin.SlotOf(before)), berlin.OfWeek(berlin.SlotOf(after)));
    }

    [Fact]
    public void Days_begin_at_local_midnight()
    {
        SlotClock berlin = new(60, "Europe/Berlin");
        Assert.Equal([Monday - Hour], Enumerable.Range(-12, 24).Select(h => Monday + (h * Hour)).Where(t => berlin.BeginsDay(berlin.SlotOf(t))));
    }

    [Fact]
    public void Times_before_1970_have_slots_too() => Assert.Equal([-1L, -1L, 0L], new long[] { -Hour, -1, 0 }.Select(new SlotClock().SlotOf));

    [Fact]
    public void A_zone_that_is_not_known_is_named() =>
        Assert.Contains("'Mars/Base'", Assert.Throws<UserException>(() => new SlotClock(60, "Mars/Base")).Message, StringComparison.Ordinal);
}
