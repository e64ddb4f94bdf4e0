using Pipeline.Infra.Traces;
using Pipeline.Processors.Patterns;
using Pipeline.Tests.Unit.Infra.Traces;

namespace Pipeline.Tests.Unit.Processors.Patterns;

public sealed class PatternTraceTests
{
    /// <summary>A week of business VMs: most of them idle, and those with a rhythm have the day's or the hour's, as people and schedules do.</summary>
    [TraceDataFact("bitbrains-rnd-2013-08")]
    public void A_week_of_a_real_fleet_looks_as_it_is_known_to_be()
    {
        FleetTrace trace = FleetTrace.Load(TraceDataFactAttribute.Folder("bitbrains-rnd-2013-08"));
        const int First = 2016, Length = 2016;
        int n = trace.Vms.Count;
        float[] cpu = new float[n * Length];
        for (int vm = 0; vm < n; vm++)
            for (int t = 0; t < Length; t++) cpu[(vm * Length) + t] = trace.CpuAt(First + t, vm);

        IReadOnlyList<Pattern> patterns = PatternFinder.Find(cpu, n, Length, [.. Enumerable.Repeat(-1, n)], null, new PatternOptions());

        Assert.Equal(n, patterns.Count(p => p.Measures is not null));
        Assert.InRange(patterns.Count(p => p.Kind == PatternKind.Idle), .5 * n, .7 * n);
        List<float> periods = [.. patterns.Where(p => p.Kind == PatternKind.Periodic).Select(p => p.Measures!.Value.PeriodSteps)];
        Assert.InRange(periods.Count, 30, 80);
        // 24, 12, 6 hours, one hour and its half.
        double[] usual = [288, 144, 72, 12, 6];
        Assert.True(periods.Count(p => usual.Any(u => Math.Abs(p - u) <= .03 * u)) >= .9 * periods.Count, string.Join(" ", periods));
        Assert.InRange(patterns.Where(p => p.Kind == PatternKind.LevelShift).Select(p => p.Subject).Distinct().Count(), 20, 100);
    }
}
