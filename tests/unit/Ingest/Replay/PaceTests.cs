using Microsoft.Extensions.Time.Testing;
using Pipeline.Ingest.Replay;

namespace Pipeline.Tests.Unit.Ingest.Replay;

public sealed class PaceTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Events_are_due_at_their_distance_divided_by_the_speed()
    {
        Pace pace = new(time, SmallTraces.Start, speed: 60);
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.FromSeconds(3), pace.Until(SmallTraces.Start + 300_000));
        Assert.Equal(TimeSpan.FromSeconds(-2), pace.Until(SmallTraces.Start));
    }

    [Fact]
    public void Without_a_speed_everything_is_due_at_once() => Assert.Equal(TimeSpan.Zero, new Pace(time, SmallTraces.Start, speed: 0).Until(SmallTraces.Start + 300_000));

    [Fact]
    public void Time_that_was_held_back_is_not_caught_up()
    {
        Pace pace = new(time, SmallTraces.Start, speed: 60);
        time.Advance(TimeSpan.FromSeconds(7));
        pace.Hold(TimeSpan.FromSeconds(7));

        Assert.Equal(TimeSpan.FromSeconds(5), pace.Until(SmallTraces.Start + 300_000));
    }
}
