using System.Runtime.InteropServices;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Draws scenarios from traces: VMs, a window of their days, functions, and calls at the wanted load.</summary>
public sealed class ScenarioDrawer : IScenarioSource
{
    /// <summary>Share of the work that the tenant that bursts brings before it does: tenfold it is nearly all that fits.</summary>
    private const double BurstingShare = .1;

    /// <summary>The platform stops a call after this: five minutes.</summary>
    private const double LongestServiceS = 300;

    /// <summary>The traces' resolution: one millisecond. A call of no length has no slowdown.</summary>
    private const double ShortestServiceS = .001;

    /// <summary>Reports fresh and an hour old need so much before a window; with less, the same seed would meet other windows, and not be comparable.</summary>
    private const int LeastHistoryMs = 5 * SignalFeed.HistoryMs / 2;

    private readonly OwnLoad load;
    private readonly FleetTrace fleet;
    private readonly FunctionTrace functions;
    private readonly SimulationOptions options;
    private readonly int firstSlot;
    private readonly int lastSlot;
    private readonly int historySlots;
    private readonly int windowSlots;
    private readonly int windowMinutes;

    /// <exception cref="UserException">The traces are too small for what is wanted.</exception>
    public ScenarioDrawer(FleetTrace fleet, FunctionTrace functions, SimulationOptions options)
        : this(fleet, new OwnLoad(fleet), functions, options)
    {
    }

    /// <param name="load">Of the fleet: several drawers may share it.</param>
    /// <exception cref="UserException">The traces are too small for what is wanted.</exception>
    public ScenarioDrawer(FleetTrace fleet, OwnLoad load, FunctionTrace functions, SimulationOptions options)
    {
        this.fleet = fleet;
        this.functions = functions;
        this.options = options;
        this.load = load;
        int needed = Math.Max(1, SignalFeed.HistoryMs / fleet.SlotMs) + (int)Math.Ceiling((options.StaleMinutes * 60_000.0 + Math.Max(options.ReportIntervalS, options.ReportDelayS) * 1000) / fleet.SlotMs) + 1;
        historySlots = Math.Max(needed, Math.Min(LeastHistoryMs / fleet.SlotMs, fleet.SlotCount / 4));
        (firstSlot, lastSlot) = options.Slots ?? (0, fleet.SlotCount - 1);
        if (lastSlot >= fleet.SlotCount) throw new UserException($"--slots {firstSlot}..{lastSlot}: the fleet's trace has slots 0..{fleet.SlotCount - 1}");
        windowSlots = (int)Math.Ceiling(options.Hours * 3_600_000 / fleet.SlotMs);
        windowMinutes = (int)Math.Ceiling(options.Hours * 60);
        if (lastSlot - firstSlot + 1 < historySlots + windowSlots) throw new UserException($"slots {firstSlot}..{lastSlot} of the fleet's trace are {lastSlot - firstSlot + 1}; {historySlots + windowSlots} are needed for --hours {options.Hours}");
        if (functions.Minutes < windowMinutes) throw new UserException($"the functions' trace has {functions.Minutes} minutes; --hours {options.Hours} needs {windowMinutes}");
    }

    public FleetTrace Fleet => fleet;

    public SimulationRun? Happened(int seed) => null;

    public Scenario DrawFleet(int seed)
    {
        SplitMix random = new(SplitMix.Mix((ulong)seed));
        return DrawFleet(seed, ref random);
    }

    public Scenario Draw(int seed)
    {
        SplitMix random = new(SplitMix.Mix((ulong)seed));
        Scenario scenario = DrawFleet(seed, ref random);
        int[] wanted = [.. Enumerable.Range(0, functions.Functions.Count).Where(f => ServiceTimes.Mean(functions.Functions[f]) >= options.LeastServiceS)];
        if (wanted.Length == 0) throw new UserException($"no function of the trace has a mean service time of {options.LeastServiceS} s and more");
        random.Shuffle(wanted);
        int[] drawn = wanted[..Math.Min(options.Functions, wanted.Length)];
        Array.Sort(drawn);
        scenario = scenario with { Functions = [.. drawn.Select(f => functions.Functions[f])] };
        int start = random.Next(functions.Minutes - windowMinutes + 1);
        Dictionary<string, double> work = TenantWork(drawn, start, start + windowMinutes);
        double all = work.Values.Sum();
        scenario = scenario with
        {
            TenantShares = work.Where(t => t.Value > 0).ToDictionary(t => t.Key, t => t.Value / all, StringComparer.Ordinal),
            BurstTenant = options.Burst > 1 ? BurstingTenant(TenantWork(drawn, start + (windowMinutes / 3), start + (windowMinutes * 2 / 3))) : null,
        };
        return scenario with { Calls = DrawCalls(drawn, start, options.Load * FreeCores(scenario), scenario.BurstTenant, ref random) };
    }

    private Scenario DrawFleet(int seed, ref SplitMix random)
    {
        int[] vms = DrawVms(ref random);
        int slot = firstSlot + historySlots + random.Next(lastSlot - firstSlot + 1 - historySlots - windowSlots + 1);
        int[] start = [.. vms.Select((_, i) => i < load.Vms ? slot : firstSlot + historySlots)];
        for (int i = load.Vms; i < vms.Length; i++) start[i] += random.Next(lastSlot - firstSlot + 1 - historySlots - windowSlots + 1);
        double[] own = new double[(historySlots + windowSlots) * vms.Length];
        for (int s = 0; s < historySlots + windowSlots; s++)
            for (int v = 0; v < vms.Length; v++) own[(s * vms.Length) + v] = load.At(start[v] - historySlots + s, vms[v]);
        double[] cores = [.. vms.Select(v => options.Cores > 0 ? options.Cores : load.Cores(v))];
        SplitMix noise = random.For(1), silence = random.For(2), spot = random.For(3);
        Scenario scenario = new()
        {
            Seed = seed,
            Vms = [.. vms.Select((v, i) => i < load.Vms ? fleet.Vms[v] : $"{fleet.Vms[v]}-{i / load.Vms}")],
            Cores = cores,
            MemoryBytes = [.. vms.Select((v, i) => options.Cores > 0 ? (long)(cores[i] * options.MemoryGibPerCore * (1L << 30)) : load.MemoryBytes(v))],
            OwnLoad = own,
            FirstSlot = historySlots,
            SlotS = fleet.SlotMs / 1000.0,
            Functions = [],
            Calls = [],
            DurationS = windowMinutes * 60,
            PiecesPerSlot = options.Noise || options.ReportIntervalS > 0 ? Math.Max(1, (int)(fleet.SlotMs / 1000.0 / LoadNoise.PieceS)) : 1,
            TraceSlot = slot,
            TraceRows = vms.Length <= load.Vms ? vms : [],
            Reports = ReportPlan.Draw(vms.Length, windowMinutes, options.SilentShare, options.LostShare, ref silence),
            Outages = DrawOutages(vms.Length, ref spot),
        };
        return options.Noise ? scenario with { PieceLoad = DrawNoise(scenario, ref noise) } : scenario;
    }

    private static float[][] DrawNoise(Scenario scenario, ref SplitMix random)
    {
        float[][] pieces = new float[scenario.Vms.Count][];
        double[] means = new double[scenario.SlotCount];
        for (int v = 0; v < pieces.Length; v++)
        {
            for (int s = 0; s < means.Length; s++) means[s] = scenario.OwnLoadAt(s, v);
            pieces[v] = LoadNoise.Draw(means, scenario.PiecesPerSlot, ref random);
        }
        return pieces;
    }

    private List<Outage> DrawOutages(int vms, ref SplitMix random)
    {
        List<Outage> outages = [];
        if (options.Spot.Count == 0) return outages;
        int[] order = Shuffled(vms, ref random);
        foreach (int vm in order[..(int)(options.SpotShare * vms)])
        {
            SpotTrace trace = options.Spot[random.Next(options.Spot.Count)];
            double offsetS = random.NextDouble() * trace.GapS * trace.Available.Count, rank = random.NextDouble() * .999;
            bool up = true;
            for (double t = 0; t < windowMinutes * 60; t += trace.GapS)
            {
                if (trace.Has(offsetS + t, rank) == up) continue;
                up = !up;
                outages.Add(new Outage(t, vm, up));
            }
        }
        return [.. outages.OrderBy(o => o.TimeS).ThenBy(o => o.Vm)];
    }

    // CPU seconds that each tenant's calls between two minutes of the trace are expected to need, before they are scaled to the load.
    private Dictionary<string, double> TenantWork(int[] drawn, int fromMinute, int toMinute)
    {
        Dictionary<string, double> work = drawn.Select(f => functions.Functions[f].Tenant).Distinct().ToDictionary(t => t, _ => 0.0, StringComparer.Ordinal);
        HashSet<int> wanted = [.. drawn];
        foreach ((int Minute, int Function, int Count) c in functions.Calls)
            if (c.Minute >= fromMinute && c.Minute < toMinute && wanted.Contains(c.Function)) work[functions.Functions[c.Function].Tenant] += c.Count * ServiceTimes.Mean(functions.Functions[c.Function]);
        return work;
    }

    // One whose burst matters, and that is not nearly everything already.
    private static string BurstingTenant(Dictionary<string, double> work)
    {
        double all = Math.Max(double.Epsilon, work.Values.Sum());
        return work.OrderBy(t => t.Key, StringComparer.Ordinal).MinBy(t => Math.Abs((t.Value / all) - BurstingShare)).Key;
    }

    private int[] DrawVms(ref SplitMix random)
    {
        int[] order = Shuffled(load.Vms, ref random);
        int wanted = Math.Min(options.Vms, load.Vms);
        int[] chosen = order[..wanted];
        if (options.Draw == FleetDraw.Busy)
        {
            HashSet<int> busy = [.. load.BusyVms];
            int[] first = [.. order.Where(busy.Contains).Take(wanted / 2)];
            chosen = [.. first, .. order.Except(first).Take(wanted - first.Length)];
        }
        return [.. Enumerable.Range(0, options.Vms).Select(i => chosen[i % wanted])];
    }

    // Mean over the window, history left out; of VMs that come and go, as far as they are there.
    private double FreeCores(Scenario scenario)
    {
        (double[] own, double[] cores) = (scenario.OwnLoad, scenario.Cores);
        double[] up = [.. cores.Select((_, v) => scenario.UpShare(v, 0, scenario.DurationS))];
        double sum = 0;
        for (int i = historySlots * cores.Length; i < own.Length; i++) sum += cores[i % cores.Length] * (1 - own[i]) * up[i % cores.Length];
        return sum / windowSlots;
    }

    private SimulatedCall[] DrawCalls(int[] drawn, int start, double workPerS, string? bursting, ref SplitMix random)
    {
        Dictionary<int, int> index = drawn.Select((f, i) => (f, i)).ToDictionary(f => f.f, f => f.i);
        List<(int Minute, int Function, int Count)> counts = [.. functions.Calls
            .Where(c => c.Minute >= start && c.Minute < start + windowMinutes && index.ContainsKey(c.Function))
            .Select(c => (c.Minute - start, index[c.Function], c.Count))];
        double[] mean = [.. drawn.Select(f => ServiceTimes.Mean(functions.Functions[f]))];
        double scale = workPerS * windowMinutes * 60 / counts.Sum(c => c.Count * mean[c.Function]);
        List<SimulatedCall> calls = [];
        foreach (IGrouping<int, (int Minute, int Function, int Count)> minute in counts.GroupBy(c => c.Minute).OrderBy(g => g.Key))
        {
            int first = calls.Count;
            foreach ((_, int f, int count) in minute)
            {
                bool bursts = bursting is not null && minute.Key >= windowMinutes / 3 && minute.Key < windowMinutes * 2 / 3 && functions.Functions[drawn[f]].Tenant == bursting;
                int n = (int)((count * scale * (bursts ? options.Burst : 1)) + random.NextDouble());
                for (int i = 0; i < n; i++)
                {
                    double service = functions.Functions[drawn[f]].DurationAt(random.NextDouble()) / 1000;
                    calls.Add(new SimulatedCall((minute.Key + random.NextDouble()) * 60, f, Math.Clamp(service, ShortestServiceS, LongestServiceS)));
                }
            }
            CollectionsMarshal.AsSpan(calls)[first..].Sort((a, b) => a.ArrivalS.CompareTo(b.ArrivalS));
        }
        return [.. calls];
    }

    private static int[] Shuffled(int count, ref SplitMix random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }
}
