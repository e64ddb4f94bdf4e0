namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Scaling of each group on its own, step by step, in whole VMs of the group's mean size: minutes in which demand is more than all cores,
/// and cores that are there for nothing. All methods, but the oracle, wait for VMs that they ask for.
/// </summary>
internal sealed class ScalingTest
{
    private const double ReactiveAbove = .8, ReactiveBelow = .3, ReactiveUp = .2, ReactiveDown = .1;

    private readonly BacktestOptions options;
    private readonly IReadOnlyList<GroupSeries> groups;
    private readonly int slotSteps;
    private readonly double stepHours;
    private readonly double[][] advised;

    public ScalingTest(IReadOnlyList<GroupSeries> groups, BacktestOptions options, int slotSteps, double stepHours)
    {
        (this.groups, this.options, this.slotSteps, this.stepHours) = (groups, options, slotSteps, stepHours);
        advised = [.. groups.Select(_ => Nans())];

        double[] Nans()
        {
            double[] a = new double[options.Last + 1];
            a.AsSpan().Fill(double.NaN);
            return a;
        }
    }

    /// <summary>By group: demand and the cores that were there, [slot of the judged part], cores.</summary>
    public (double[] Demand, double[] Advised, double[] Reactive) Example { get; private set; } = ([], [], []);

    /// <summary>A step has been taken: what is advised for when VMs that are asked for now take calls, and what for the hours after.</summary>
    /// <param name="slot">Slot of the trace of that step.</param>
    /// <param name="outlookOf">A group's outlook.</param>
    /// <param name="profileSlotOf">The profile's slot that a slot of the trace is in.</param>
    public void Plan(int slot, Func<GroupSeries, GroupOutlook?> outlookOf, Func<int, long> profileSlotOf)
    {
        int ahead = options.BootSteps + 1;
        if (slot + ahead >= options.Last + 1 || ahead >= StepOutlook.StepsMax) return;
        for (int g = 0; g < groups.Count; g++)
            if (outlookOf(groups[g]) is { } outlook) advised[g][slot + ahead] = outlook.Steps.Quantile(ahead, profileSlotOf(slot + ahead), options.Share) * groups[g].Cores;
    }

    public void Report(IReadOnlyDictionary<string, MethodResult> results)
    {
        Dictionary<string, double[][]> plans = new()
        {
            [Methods.Advise] = [.. groups.Select((_, g) => Range(s => advised[g][s]))],
            [Methods.LastWeek] = [.. groups.Select(g => Range(s => PeakBefore(g, s, 7)))],
            [Methods.Yesterday] = [.. groups.Select(g => Range(s => PeakBefore(g, s, 1)))],
            [Methods.Oracle] = [.. groups.Select(g => Range(s => g.Over(s / slotSteps * slotSteps, slotSteps).Peak * g.Cores))],
        };
        double[][] reactive = [.. groups.Select(Reactive)];
        Tally reference = Sum(reactive);
        Put(results[Methods.Reactive], reference, reference.Shortage);
        foreach ((string name, double[][] plan) in plans)
        {
            Tally own = Sum(Capacity(plan, 1 / options.Target));
            if (own.Hours > 0) Put(results[name], own, Sum(Capacity(plan, FactorOfCost(plan, reference.Hours))).Shortage);
        }
        if (groups.Count == 0 || options.Last <= options.First) return;
        double equal = FactorOfCost(plans[Methods.Advise], reference.Hours);
        Example = (Range(s => groups[0].Share[s] * groups[0].Cores), Capacity(plans[Methods.Advise], equal)[0], reactive[0]);
    }

    private double[] Range(Func<int, double> value) => [.. Enumerable.Range(options.First, options.Last - options.First + 1).Select(value)];

    private double PeakBefore(GroupSeries group, int slot, int days)
    {
        int hour = slot / slotSteps * slotSteps, back = (int)Math.Round(24 * days / stepHours);
        return hour < back ? double.NaN : group.Over(hour - back, slotSteps).Peak * group.Cores;
    }

    /// <summary>[group][step] cores in whole VMs. Where a method has no answer the group has what its demand was when the VMs were asked for.</summary>
    private double[][] Capacity(double[][] plans, double factor) => [.. plans.Select((plan, g) =>
    {
        GroupSeries group = groups[g];
        double vm = group.Cores / group.Vms;
        double[] cores = new double[plan.Length];
        for (int i = 0; i < plan.Length; i++)
        {
            double wanted = plan[i];
            if (double.IsNaN(wanted)) wanted = Known(group, options.First + i - options.BootSteps - 1) * group.Cores;
            cores[i] = Math.Max(1, Math.Ceiling((wanted * factor / vm) - 1e-9)) * vm;
        }
        return cores;
    })];

    private double[] Reactive(GroupSeries group)
    {
        double vm = group.Cores / group.Vms;
        double[] cores = new double[options.Last - options.First + 1];
        // Begins in the middle between its thresholds.
        double vms = Math.Max(1, Math.Ceiling(Known(group, options.First - 1) * group.Cores / ((ReactiveAbove + ReactiveBelow) / 2) / vm));
        Queue<double> booting = new(Enumerable.Repeat(0.0, options.BootSteps));
        for (int i = 0; i < cores.Length; i++)
        {
            double load = Known(group, options.First + i - 1) * group.Cores / (vms * vm), waiting = booting.Sum();
            if (load > ReactiveAbove && waiting == 0) booting.Enqueue(Math.Max(1, Math.Ceiling(vms * ReactiveUp)));
            else booting.Enqueue(0);
            if (load < ReactiveBelow && waiting == 0 && vms > 1) vms = Math.Max(1, vms - Math.Max(1, Math.Floor(vms * ReactiveDown)));
            vms += booting.Dequeue();
            cores[i] = vms * vm;
        }
        return cores;
    }

    /// <summary>The newest share known at a step.</summary>
    private static double Known(GroupSeries group, int slot)
    {
        while (slot > 0 && double.IsNaN(group.Share[slot])) slot--;
        return slot < 0 || double.IsNaN(group.Share[slot]) ? 0 : group.Share[slot];
    }

    private double FactorOfCost(double[][] plan, double hours)
    {
        double low = .01, high = 100;
        for (int i = 0; i < 40; i++)
        {
            double middle = Math.Sqrt(low * high);
            if (Sum(Capacity(plan, middle)).Hours < hours) low = middle;
            else high = middle;
        }
        return low;
    }

    private Tally Sum(double[][] cores)
    {
        Tally sum = default;
        for (int g = 0; g < groups.Count; g++)
        {
            for (int i = 0; i < cores[g].Length; i++)
            {
                double demand = groups[g].Share[options.First + i] * groups[g].Cores;
                if (double.IsNaN(demand)) continue;
                sum.Hours += cores[g][i] * stepHours;
                sum.Wasted += Math.Max(0, cores[g][i] - demand) * stepHours;
                if (demand > cores[g][i] + 1e-9) sum.Shortage += 60 * stepHours;
            }
        }
        return sum;
    }

    private static void Put(MethodResult result, Tally tally, double equal) =>
        (result.ShortageMinutes, result.WastedCoreHours, result.CoreHours, result.ShortageMinutesAtEqualCost) = (tally.Shortage, tally.Wasted, tally.Hours, equal);

    private record struct Tally
    {
        public double Hours;
        public double Wasted;
        public double Shortage;
    }
}
