using Pipeline.Infra.Randomness;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay.Faults;

/// <summary>
/// Does to the records of a replay what networks, clocks and machines do to those of agents. Calls pass untouched. What comes out is in the
/// order in which it arrives: <see cref="TraceEvent.TimeUnixMs"/> is then when it is sent, the report itself keeps its own time.
/// </summary>
public sealed class FaultInjector(ReplayFaults faults)
{
    private readonly Dictionary<string, VmFate> fates = new(StringComparer.Ordinal);
    private readonly PriorityQueue<TraceEvent, (long At, long Order)> held = new();
    private long order;

    /// <summary>What was done so far.</summary>
    public FaultCounts Counts { get; } = new();

    public IEnumerable<TraceEvent> Apply(IEnumerable<TraceEvent> events)
    {
        foreach (TraceEvent e in events)
        {
            while (held.TryPeek(out TraceEvent due, out _) && due.TimeUnixMs <= e.TimeUnixMs) yield return held.Dequeue();
            if (e.Value is not VmReports { Reports: [{ } report] })
            {
                yield return e;
                continue;
            }
            foreach (TraceEvent arriving in Inflict(e, report.Clone()))
            {
                if (arriving.TimeUnixMs <= e.TimeUnixMs) yield return arriving;
                else held.Enqueue(arriving, (arriving.TimeUnixMs, order++));
            }
        }
        while (held.TryDequeue(out TraceEvent rest, out _)) yield return rest;
    }

    private List<TraceEvent> Inflict(TraceEvent e, VmReport report)
    {
        VmFate fate = FateOf(report.Vm);
        long now = e.TimeUnixMs;
        if (Happens(faults.Silence) && now >= fate.OffUntilMs) fate.OffUntilMs = now + 1 + Up(faults.SilenceMax);
        if (now < fate.OffUntilMs)
        {
            Counts.Silenced++;
            return [];
        }
        if (Happens(faults.Restart) && fate.Sequence > 0)
        {
            fate.Sequence = 0;
            Counts.Restarts++;
        }
        Counts.Made++;
        report.Sequence = ++fate.Sequence;
        report.TimeUnixMs += fate.SkewMs;
        if (fate.SkewMs != 0) Counts.Skewed++;
        if (Happens(faults.Gap) && now >= fate.CutUntilMs) fate.CutUntilMs = now + 1 + Up(faults.GapMax);
        bool dropped = Happens(faults.Drop) || now < fate.CutUntilMs;
        long delay = 0;
        if (Happens(faults.Delay))
        {
            delay = 1 + Up(faults.DelayMax);
            if (!dropped) Counts.Delayed++;
        }
        else if (Happens(faults.Reorder))
        {
            delay = (report.IntervalMs * (1L + fate.Random.Next(2))) + (report.IntervalMs / 2);
            if (!dropped) Counts.Reordered++;
        }
        bool twice = Happens(faults.Duplicate);
        long again = delay + 1 + Up(faults.DelayMax);
        if (dropped)
        {
            Counts.Dropped++;
            return [];
        }
        TraceEvent arriving = e with { TimeUnixMs = now + delay, Value = new VmReports { Reports = { report } } };
        if (!twice) return [arriving];
        Counts.Duplicated++;
        return [arriving, arriving with { TimeUnixMs = now + again }];

        bool Happens(double chance) => fate.Random.NextDouble() < chance;

        long Up(TimeSpan most) => (long)(fate.Random.NextDouble() * most.TotalMilliseconds);
    }

    private VmFate FateOf(string vm)
    {
        if (fates.TryGetValue(vm, out VmFate? fate)) return fate;
        // Each VM has draws of its own, so that one more does not change what happens to the others.
        fates[vm] = fate = new VmFate(new SplitMix(unchecked((ulong)faults.Seed) ^ System.IO.Hashing.XxHash64.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(vm))));
        if (fate.Random.NextDouble() < faults.Skew) fate.SkewMs = (long)(((2 * fate.Random.NextDouble()) - 1) * faults.SkewMax.TotalMilliseconds);
        return fate;
    }

    private sealed class VmFate(SplitMix random)
    {
        /// <summary>Draws change it in place.</summary>
        public SplitMix Random = random;

        public ulong Sequence { get; set; }

        public long SkewMs { get; set; }

        public long OffUntilMs { get; set; } = long.MinValue;

        public long CutUntilMs { get; set; } = long.MinValue;
    }
}
