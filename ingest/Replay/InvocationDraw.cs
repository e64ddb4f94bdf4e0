using Pipeline.Infra.Traces;

namespace Pipeline.Ingest.Replay;

/// <summary>
/// Draws calls from a function trace: how many fall on which function and minute follows the trace's counts, the trace being
/// repeated as often as the span is long; times within a minute are uniform.
/// </summary>
public static class InvocationDraw
{
    private const long MinuteMs = 60_000;

    /// <summary>Draws <paramref name="count"/> calls of [start, end), in order of time (then of function).</summary>
    public static (long TimeUnixMs, int Function)[] Draw(FunctionTrace trace, long startUnixMs, long endUnixMs, int count, int seed)
    {
        var calls = trace.Calls;
        long[] before = new long[calls.Count + 1];
        for (int i = 0; i < calls.Count; i++) before[i + 1] = before[i] + calls[i].Count;
        long weight = Weight(trace, before, endUnixMs - startUnixMs);
        if (weight == 0) return [];
        Random random = new(seed);
        var drawn = new (long TimeUnixMs, int Function)[count];
        for (int i = 0; i < count; i++)
        {
            long time;
            int call;
            do
            {
                (long round, long at) = Math.DivRem(random.NextInt64(weight), before[^1]);
                call = Find(before, at);
                time = startUnixMs + ((((round * trace.Minutes) + calls[call].Minute) * MinuteMs) + random.NextInt64(MinuteMs));
            }
            // The last minute of the span may be a part of a minute.
            while (time >= endUnixMs);
            drawn[i] = (time, calls[call].Function);
        }
        Array.Sort(drawn);
        return drawn;
    }

    /// <summary>Calls of the repeated trace that lie in a span of this length, its last minute counted whole.</summary>
    private static long Weight(FunctionTrace trace, long[] before, long spanMs)
    {
        (long rounds, long minutes) = Math.DivRem((spanMs + MinuteMs - 1) / MinuteMs, trace.Minutes);
        int rest = 0;
        while (rest < trace.Calls.Count && trace.Calls[rest].Minute < minutes) rest++;
        return (rounds * before[^1]) + before[rest];
    }

    /// <summary>The call that the position falls on.</summary>
    private static int Find(long[] before, long at)
    {
        int found = Array.BinarySearch(before, at);
        return found >= 0 ? found : ~found - 1;
    }
}
