using Pipeline.Infra.Traces;

namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Lowest-load windows, after O. Poppe et al., "Seagull: an infrastructure for load prediction and optimized resource allocation" (VLDB 2021):
/// at a day's beginning each VM's quietest window of the day is chosen; it is right when its mean load is within 10 points of that of the
/// window that turned out quietest. Its load is within the bound when 90 % of its steps are.
/// </summary>
internal sealed class WindowTest(FleetTrace trace, SlotClock clock, BacktestOptions options)
{
    /// <summary>Points of load by which a forecast may be above, and below, what comes.</summary>
    public const double BoundOver = .10, BoundUnder = .05;

    /// <summary>Share of a window's steps that have to be within these bounds.</summary>
    private const double StepsWithin = .9;

    private static readonly string[] Named = [Methods.Advise, Methods.LastWeek, Methods.Yesterday, Methods.Reactive, Methods.Oracle];

    private readonly int day = (int)(TimeSpan.MillisecondsPerDay / trace.SlotMs);
    private readonly int window = Math.Max(1, (int)(options.WindowHours * TimeSpan.MillisecondsPerHour / trace.SlotMs));
    private readonly Dictionary<string, (int Right, int RightVarying, int Load, int Loads)> counts = Named.ToDictionary(n => n, _ => default((int, int, int, int)));

    private readonly (int Right, int RightVarying)[]?[] hindsight = new (int, int)[trace.Vms.Count][];

    public int VmDays { get; private set; }

    public int Varying { get; private set; }

    /// <summary>Of each varying VM-day: load of the window chosen less that of the quietest, by method.</summary>
    public Dictionary<string, List<double>> Regrets { get; } = Named.ToDictionary(n => n, _ => new List<double>());

    /// <summary>Judges the day that begins with a slot of the trace, of all VMs.</summary>
    public void Judge(CellOutlook cell, int start)
    {
        if (start + day > trace.SlotCount || start + day - 1 > options.Last) return;
        for (int v = 0; v < trace.Vms.Count; v++)
        {
            double[] truth = Past(start, v), came = Windows(truth);
            double lowest = double.PositiveInfinity, highest = double.NegativeInfinity;
            foreach (double load in came)
                if (!double.IsNaN(load)) (lowest, highest) = (Math.Min(lowest, load), Math.Max(highest, load));
            if (double.IsInfinity(lowest)) continue;
            VmDay of = new(truth, came, lowest, highest - lowest > BoundOver);
            VmDays++;
            if (of.Varying) Varying++;
            double[] none = new double[day];
            none.AsSpan().Fill(double.NaN);
            Judge(Methods.Advise, cell.Vms.TryGetValue(trace.Vms[v], out VmOutlook? vm) ? Curve(vm, cell.Now, start) : none, of, options.Profile.Alike);
            Judge(Methods.Yesterday, Past(start - day, v), of);
            Judge(Methods.LastWeek, Past(start - (7 * day), v), of);
            Judge(Methods.Reactive, none, of);
            Judge(Methods.Oracle, truth, of);
            hindsight[v] ??= new (int Right, int RightVarying)[came.Length];
            for (int i = 0; i < came.Length; i++)
                if (came[i] <= lowest + BoundOver) hindsight[v]![i] = (hindsight[v]![i].Right + 1, hindsight[v]![i].RightVarying + (of.Varying ? 1 : 0));
        }
    }

    public void Report(IReadOnlyDictionary<string, MethodResult> results)
    {
        foreach ((string name, (int right, int rightVarying, int load, int loads)) in counts)
        {
            if (VmDays == 0) continue;
            results[name].WindowRight = right / (double)VmDays;
            if (Varying > 0) results[name].WindowRightVarying = rightVarying / (double)Varying;
            if (loads > 0) results[name].WindowLoadWithinBound = load / (double)loads;
        }
        if (VmDays == 0) return;
        // The one window of each VM that is right most often, known afterwards: the most that the same hour of every day could reach.
        IEnumerable<(int Right, int RightVarying)[]> known = hindsight.OfType<(int, int)[]>();
        results[Methods.Fixed].WindowRight = known.Sum(w => w.Max(i => i.Right)) / (double)VmDays;
        if (Varying > 0) results[Methods.Fixed].WindowRightVarying = known.Sum(w => w.Max(i => i.RightVarying)) / (double)Varying;
    }

    private void Judge(string method, double[] forecast, in VmDay of, double alike = 1e-9)
    {
        double[] expected = Windows(forecast);
        double lowest = double.PositiveInfinity;
        int chosen = -1, first = -1;
        for (int i = 0; i < of.Windows.Length; i++)
        {
            if (double.IsNaN(of.Windows[i])) continue;
            if (first < 0) first = i;
            if (expected[i] < lowest) lowest = expected[i];
        }
        for (int i = 0; i < of.Windows.Length && chosen < 0; i++)
            if (!double.IsNaN(of.Windows[i]) && expected[i] <= lowest + alike) chosen = i;
        // Where nothing is forecast the work is started at once.
        if (chosen < 0) chosen = first;
        double regret = of.Windows[chosen] - of.Lowest;
        (int right, int rightVarying, int load, int loads) = counts[method];
        bool isRight = regret <= BoundOver;
        (int within, int known) = Within(forecast, of.Load, chosen);
        counts[method] = (right + (isRight ? 1 : 0), rightVarying + (isRight && of.Varying ? 1 : 0), load + (known > 0 && within >= StepsWithin * known ? 1 : 0), loads + (known > 0 ? 1 : 0));
        if (of.Varying) Regrets[method].Add(regret);
    }

    /// <summary>Steps of a window whose forecast is within the bound, of those that are known.</summary>
    private (int Within, int Known) Within(double[] forecast, double[] came, int from)
    {
        (int within, int known) = (0, 0);
        for (int i = from; i < from + window; i++)
        {
            double error = forecast[i] - came[i];
            if (double.IsNaN(error)) continue;
            known++;
            if (error is <= BoundOver and >= -BoundUnder) within++;
        }
        return (within, known);
    }

    private double[] Past(int start, int vm)
    {
        double[] load = new double[day];
        for (int i = 0; i < day; i++) load[i] = start + i < 0 ? double.NaN : Math.Clamp(trace.CpuAt(start + i, vm), 0, 1);
        return load;
    }

    /// <summary>The forecast of the next day in the trace's steps: straight lines between the middles of slots.</summary>
    private double[] Curve(VmOutlook vm, long now, int start)
    {
        double[] slots = [.. Enumerable.Range(1, vm.Cpu.Horizon).Select(ahead => vm.Cpu.Forecast(now, ahead))];
        double[] load = new double[day];
        for (int i = 0; i < day; i++)
        {
            double at = ((trace.SlotStartUnixMs(start + i) + (trace.SlotMs / 2.0) - clock.StartUnixMs(now + 1)) / clock.SlotMs) - .5;
            int below = (int)Math.Clamp(Math.Floor(at), 0, slots.Length - 1), above = Math.Min(below + 1, slots.Length - 1);
            load[i] = slots[below] + (Math.Clamp(at - below, 0, 1) * (slots[above] - slots[below]));
        }
        return load;
    }

    /// <summary>Mean load of each window that lies within the day; NaN: less than half of it is known.</summary>
    private double[] Windows(double[] load)
    {
        double[] means = new double[day - window + 1];
        for (int i = 0; i < means.Length; i++)
        {
            double sum = 0;
            int n = 0;
            for (int j = i; j < i + window; j++)
            {
                if (double.IsNaN(load[j])) continue;
                sum += load[j];
                n++;
            }
            means[i] = n * 2 >= window ? sum / n : double.NaN;
        }
        return means;
    }

    /// <summary>What came on a day of a VM.</summary>
    /// <param name="Load">[step] share; NaN: not known.</param>
    /// <param name="Windows">[start] mean of each window.</param>
    /// <param name="Lowest">Of these.</param>
    /// <param name="Varying">Whether they differ by more than the bound.</param>
    private readonly record struct VmDay(double[] Load, double[] Windows, double Lowest, bool Varying);
}
