using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;

namespace Pipeline.Tests.Unit.Ingest.Replay;

public sealed class InvocationDrawTests
{
    private const long Minute = 60_000;

    [Fact]
    public void Calls_fall_on_functions_and_minutes_as_in_the_trace()
    {
        var calls = InvocationDraw.Draw(SmallTraces.Functions(), 0, 3 * Minute, 100_000, seed: 1);

        var shares = calls.GroupBy(c => (Minute: c.TimeUnixMs / Minute, c.Function)).ToDictionary(g => g.Key, g => g.Count() / 100_000.0);
        Assert.Equal(3, shares.Count);
        Assert.Equal(.3, shares[(0, 0)], .01);
        Assert.Equal(.6, shares[(1, 1)], .01);
        Assert.Equal(.1, shares[(2, 0)], .01);
    }

    [Fact]
    public void A_longer_span_repeats_the_trace_and_cuts_the_last_round()
    {
        var calls = InvocationDraw.Draw(SmallTraces.Functions(), 0, 7 * Minute, 100_000, seed: 1);

        // Two rounds of 10 and the first minute's 3.
        double[] shares = [.. Enumerable.Range(0, 7).Select(m => calls.Count(c => c.TimeUnixMs / Minute == m) / 100_000.0 * 23)];
        Assert.All(shares.Zip([3.0, 6, 1, 3, 6, 1, 3]), pair => Assert.Equal(pair.Second, pair.First, .2));
    }

    [Fact]
    public void No_call_lies_beyond_a_span_that_ends_within_a_minute()
    {
        var calls = InvocationDraw.Draw(SmallTraces.Functions(), 5, 5 + Minute + 100, 1000, seed: 3);

        Assert.All(calls, c => Assert.InRange(c.TimeUnixMs, 5, 5 + Minute + 99));
        Assert.Contains(calls, c => c.TimeUnixMs >= 5 + Minute);
    }

    [Fact]
    public void A_span_in_which_nothing_was_called_has_no_calls()
    {
        FunctionTrace late = new() { Functions = SmallTraces.Functions().Functions, Calls = [(2, 0, 1)], Minutes = 3 };

        Assert.Empty(InvocationDraw.Draw(late, 0, Minute, 10, seed: 1));
    }
}
