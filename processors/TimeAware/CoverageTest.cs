namespace Pipeline.Processors.TimeAware;

/// <summary>How often what came lay within the intervals that were given 1 to 24 hours before, for each group after each slot.</summary>
internal sealed class CoverageTest(IReadOnlyList<GroupSeries> groups, SlotClock clock, int slotSteps)
{
    private readonly Count[] advise = [.. Enumerable.Range(0, Forecaster.HoursMax * clock.SlotsPerHour).Select(_ => new Count())];
    private readonly Count fleet = new();
    private readonly Count lastWeek = new();
    private readonly Count yesterday = new();
    private readonly ErrorWindow[] lastWeekErrors = [.. groups.Select(_ => new ErrorWindow(steered: false))];
    private readonly ErrorWindow[] yesterdayErrors = [.. groups.Select(_ => new ErrorWindow(steered: false))];

    /// <summary>By horizon: share within the 80 and the 95 % interval.</summary>
    public IEnumerable<(int Ahead, double Share80, double Share95)> ByHorizon => advise.Select((c, i) => (i + 1, c.Share80, c.Share95)).Where(c => !double.IsNaN(c.Share80));

    /// <summary>Coverage of the whole cell alone.</summary>
    public (double Share80, double Share95) Fleet => (fleet.Share80, fleet.Share95);

    /// <summary>A slot has ended.</summary>
    /// <param name="first">The first slot of the trace after it.</param>
    /// <param name="outlookOf">A group's outlook.</param>
    /// <param name="lastSlot">The last slot of the trace that is judged.</param>
    /// <param name="judged">False: only to learn from.</param>
    public void Judge(int first, Func<GroupSeries, GroupOutlook?> outlookOf, int lastSlot, bool judged)
    {
        for (int g = 0; g < groups.Count; g++)
        {
            GroupSeries group = groups[g];
            Naive(group, first, 7 * clock.SlotsPerDay * slotSteps, lastWeekErrors[g], judged ? lastWeek : null);
            Naive(group, first, clock.SlotsPerDay * slotSteps, yesterdayErrors[g], judged ? yesterday : null);
            if (!judged || outlookOf(group) is not { } outlook) continue;
            for (int ahead = 1; ahead <= outlook.Cpu.Horizon; ahead++)
            {
                int at = first + ((ahead - 1) * slotSteps);
                if (at + slotSteps - 1 > lastSlot) break;
                double came = group.Over(at, slotSteps).Mean;
                SlotForecast forecast = outlook.Cpu.At(ahead);
                if (double.IsNaN(came) || double.IsNaN(forecast.Low80)) continue;
                advise[ahead - 1].Add(came, forecast);
                if (group.Community == 0) fleet.Add(came, forecast);
            }
        }
    }

    public void Report(IReadOnlyDictionary<string, MethodResult> results)
    {
        Count all = new();
        foreach (Count c in advise) all.Add(c);
        Put(results[Methods.Advise], all);
        Put(results[Methods.LastWeek], lastWeek);
        Put(results[Methods.Yesterday], yesterday);
        if (ByHorizon.Any()) results[Methods.Advise].CoverageWorstHorizon = ByHorizon.Max(h => Math.Max(Math.Abs(h.Share80 - .8), Math.Abs(h.Share95 - .95)));
    }

    /// <summary>The slot that begins is what it was so many steps before, give or take what that was wrong by.</summary>
    private void Naive(GroupSeries group, int first, int back, ErrorWindow errors, Count? count)
    {
        double forecast = group.Over(first - back, slotSteps).Mean, came = group.Over(first, slotSteps).Mean;
        if (first < back || double.IsNaN(forecast) || double.IsNaN(came)) return;
        if (errors.IsKnown && count is not null)
        {
            ((double low80, double high80), (double low95, double high95)) = (errors.Interval(0), errors.Interval(1));
            count.Add(came, new SlotForecast(forecast, forecast + low80, forecast + high80, forecast + low95, forecast + high95));
        }
        errors.Add(came - forecast);
    }

    private static void Put(MethodResult result, Count count)
    {
        if (count.N == 0) return;
        (result.Coverage80, result.Coverage95, result.Width95, result.MeanAbsoluteError) = (count.Share80, count.Share95, count.Width / count.N, count.Error / count.N);
    }

    private sealed class Count
    {
        private long in80;
        private long in95;

        public long N { get; private set; }

        public double Width { get; private set; }

        public double Error { get; private set; }

        public double Share80 => N == 0 ? double.NaN : in80 / (double)N;

        public double Share95 => N == 0 ? double.NaN : in95 / (double)N;

        public void Add(double came, in SlotForecast f)
        {
            N++;
            // Forecasts are kept as float inside: a share that is told exactly is not outside of itself.
            if (came >= f.Low80 - 1e-6 && came <= f.High80 + 1e-6) in80++;
            if (came >= f.Low95 - 1e-6 && came <= f.High95 + 1e-6) in95++;
            Width += f.High95 - f.Low95;
            Error += Math.Abs(came - f.Share);
        }

        public void Add(Count other)
        {
            (N, in80, in95, Width, Error) = (N + other.N, in80 + other.in80, in95 + other.in95, Width + other.Width, Error + other.Error);
        }
    }
}
