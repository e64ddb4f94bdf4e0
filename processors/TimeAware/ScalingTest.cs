using System.Runtime.InteropServices;

namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Scaling of each group on its own, step by step, in whole VMs of the group's mean size: minutes in which demand is more than all cores,
/// and cores that are there for nothing. All methods, but the oracle, wait for VMs that they ask for.
/// </summary>
internal sealed class ScalingTest
{
    /// <summary>Probabilities with which demand may be held, between which the one is looked for at which advice costs as much as the reactive rule.</summary>
    private static readonly double[] Levels = [.5, .6, .7, .75, .8, .85, .9, .92, .94, .95, .96, .97, .975, .98, .985, .99, .9925, .995, .9975, .999];

    private const double ReactiveAbove = .8, ReactiveBelow = .3, ReactiveUp = .2, ReactiveDown = .1;

    private readonly BacktestOptions options;
    private readonly IReadOnlyList<GroupSeries> groups;
    private readonly int slotSteps;
    private readonly double stepHours;
    private readonly float[][,] advised;

    public ScalingTest(IReadOnlyList<GroupSeries> groups, BacktestOptions options, int slotSteps, double stepHours)
    {
        (this.groups, this.options, this.slotSteps, this.stepHours) = (groups, options, slotSteps, stepHours);
        advised = [.. groups.Select(_ => new float[options.Last + 1, Levels.Length])];
        foreach (float[,] plan in advised) MemoryMarshal.CreateSpan(ref plan[0, 0], plan.Length).Fill(float.NaN);
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
        {
            if (outlookOf(groups[g]) is not { } outlook) continue;
            for (int i = 0; i < Levels.Length; i++) advised[g][slot + ahead, i] = (float)(outlook.Steps.Quantile(ahead, profileSlotOf(slot + ahead), Levels[i]) * groups[g].Cores);
        }
    }

    public void Report(IReadOnlyDictionary<string, MethodResult> results)
    {
        Dictionary<string, double[][]> plans = new()
        {
            [Methods.Advise] = Advised(PlaceOf(options.Share)),
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
        if (results[Methods.Advise].CoreHours is null) return;
        double level = LevelOfCost(reference.Hours);
        double[][] equal = Capacity(Advised(level), 1 / options.Target);
        // Where even the lowest level costs more, the factor is what is left.
        if (Sum(equal).Hours > reference.Hours * 1.01) equal = Capacity(plans[Methods.Advise], FactorOfCost(plans[Methods.Advise], reference.Hours));
        else (results[Methods.Advise].ShortageMinutesAtEqualCost, results[Methods.Advise].ShareAtEqualCost) = (Sum(equal).Shortage, LevelAt(level));
        Example = (Range(s => groups[0].Share[s] * groups[0].Cores), equal[0], reactive[0]);
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

    /// <summary>[group][step] what is advised at a place between <see cref="Levels"/>, cores.</summary>
    private double[][] Advised(double level)
    {
        int below = (int)Math.Min(level, Levels.Length - 2);
        double part = level - below;
        return [.. groups.Select((_, g) => Range(s => ((1 - part) * advised[g][s, below]) + (part * advised[g][s, below + 1])))];
    }

    private static double PlaceOf(double share)
    {
        int above = Math.Clamp(Array.FindIndex(Levels, l => l >= share), 1, Levels.Length - 1);
        return above - ((Levels[above] - share) / (Levels[above] - Levels[above - 1]));
    }

    private static double LevelAt(double place)
    {
        int below = (int)Math.Min(place, Levels.Length - 2);
        return Levels[below] + ((place - below) * (Levels[below + 1] - Levels[below]));
    }

    /// <summary>Place between <see cref="Levels"/> at which advice costs so many core-hours, or as near to it as they reach.</summary>
    private double LevelOfCost(double hours)
    {
        double low = 0, high = Levels.Length - 1;
        for (int i = 0; i < 20; i++)
        {
            double middle = (low + high) / 2;
            if (Sum(Capacity(Advised(middle), 1 / options.Target)).Hours < hours) low = middle;
            else high = middle;
        }
        return low;
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
        (result.ShortageMinutes, result.WastedCoreHours, result.CoreHours, result.ShortageMinutesAtEqualCost, result.ShortageMinutesByFactor) = (tally.Shortage, tally.Wasted, tally.Hours, equal, equal);

    private record struct Tally
    {
        public double Hours;
        public double Wasted;
        public double Shortage;
    }
}
