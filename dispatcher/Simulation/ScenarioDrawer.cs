using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Draws scenarios from traces: VMs, a window of their days, functions, and calls at the wanted load.</summary>
public sealed class ScenarioDrawer
{
    /// <summary>A VM counts as busy with this mean own utilisation,</summary>
    private const double BusyMean = .10;

    /// <summary>or with so many onsets (from below to above 80 %) in three weeks.</summary>
    private const double BusyOnsets = 30, BusyOnsetDays = 21, BusyThreshold = .8;

    /// <summary>The platform stops a call after this: five minutes.</summary>
    private const double LongestServiceS = 300;

    /// <summary>The traces' resolution: one millisecond. A call of no length has no slowdown.</summary>
    private const double ShortestServiceS = .001;

    private readonly OwnLoad load;
    private readonly FleetTrace fleet;
    private readonly FunctionTrace functions;
    private readonly SimulationOptions options;
    private readonly int historySlots;
    private readonly int windowSlots;
    private readonly int windowMinutes;

    /// <exception cref="UserException">The traces are too small for what is wanted.</exception>
    public ScenarioDrawer(FleetTrace fleet, FunctionTrace functions, SimulationOptions options)
    {
        this.fleet = fleet;
        this.functions = functions;
        this.options = options;
        load = new OwnLoad(fleet);
        historySlots = Math.Max(1, SignalFeed.HistoryMs / fleet.SlotMs) + (int)Math.Ceiling(options.StaleMinutes * 60_000.0 / fleet.SlotMs);
        windowSlots = (int)Math.Ceiling(options.Hours * 3_600_000 / fleet.SlotMs);
        windowMinutes = (int)Math.Ceiling(options.Hours * 60);
        if (fleet.Vms.Count < options.Vms) throw new UserException($"the fleet's trace has {fleet.Vms.Count} VMs; --vms asks for {options.Vms}");
        if (fleet.SlotCount < historySlots + windowSlots) throw new UserException($"the fleet's trace has {fleet.SlotCount} slots; {historySlots + windowSlots} are needed for --hours {options.Hours}");
        if (functions.Minutes < windowMinutes) throw new UserException($"the functions' trace has {functions.Minutes} minutes; --hours {options.Hours} needs {windowMinutes}");
    }

    /// <summary>VMs (rows of the trace) that are often busy.</summary>
    public IReadOnlyList<int> BusyVms()
    {
        double wantedOnsets = BusyOnsets * fleet.SlotCount * fleet.SlotMs / (BusyOnsetDays * 86_400_000);
        return [.. Enumerable.Range(0, load.Vms).Where(v =>
        {
            double sum = 0;
            int onsets = 0;
            for (int slot = 0; slot < fleet.SlotCount; slot++)
            {
                sum += load.At(slot, v);
                if (slot > 0 && load.At(slot, v) >= BusyThreshold && load.At(slot - 1, v) < BusyThreshold) onsets++;
            }
            return sum / fleet.SlotCount > BusyMean || onsets >= wantedOnsets;
        })];
    }

    public Scenario Draw(int seed)
    {
        SplitMix random = new(SplitMix.Mix((ulong)seed));
        int[] vms = DrawVms(ref random);
        int slot = historySlots + random.Next(fleet.SlotCount - historySlots - windowSlots + 1);
        double[] own = new double[(historySlots + windowSlots) * vms.Length];
        for (int s = 0; s < historySlots + windowSlots; s++)
            for (int v = 0; v < vms.Length; v++) own[(s * vms.Length) + v] = load.At(slot - historySlots + s, vms[v]);
        double[] cores = [.. vms.Select(v => options.Cores > 0 ? options.Cores : load.Cores(v))];
        int[] drawn = Shuffled(functions.Functions.Count, ref random)[..Math.Min(options.Functions, functions.Functions.Count)];
        Array.Sort(drawn);
        return new Scenario
        {
            Seed = seed,
            Vms = [.. vms.Select(v => fleet.Vms[v])],
            Cores = cores,
            MemoryBytes = [.. vms.Select((v, i) => options.Cores > 0 ? (long)(cores[i] * options.MemoryGibPerCore * (1L << 30)) : load.MemoryBytes(v))],
            OwnLoad = own,
            FirstSlot = historySlots,
            SlotS = fleet.SlotMs / 1000.0,
            Functions = [.. drawn.Select(f => functions.Functions[f])],
            Calls = DrawCalls(drawn, options.Load * FreeCores(own, cores), ref random),
            DurationS = windowMinutes * 60,
        };
    }

    private int[] DrawVms(ref SplitMix random)
    {
        int[] order = Shuffled(load.Vms, ref random);
        if (options.Draw == FleetDraw.Random) return order[..options.Vms];
        HashSet<int> busy = [.. BusyVms()];
        int[] first = [.. order.Where(busy.Contains).Take(options.Vms / 2)];
        return [.. first, .. order.Except(first).Take(options.Vms - first.Length)];
    }

    // Mean over the window, history left out.
    private double FreeCores(double[] own, double[] cores)
    {
        double sum = 0;
        for (int i = historySlots * cores.Length; i < own.Length; i++) sum += cores[i % cores.Length] * (1 - own[i]);
        return sum / windowSlots;
    }

    private SimulatedCall[] DrawCalls(int[] drawn, double workPerS, ref SplitMix random)
    {
        int start = random.Next(functions.Minutes - windowMinutes + 1);
        Dictionary<int, int> index = drawn.Select((f, i) => (f, i)).ToDictionary(f => f.f, f => f.i);
        List<(int Minute, int Function, int Count)> counts = [.. functions.Calls
            .Where(c => c.Minute >= start && c.Minute < start + windowMinutes && index.ContainsKey(c.Function))
            .Select(c => (c.Minute - start, index[c.Function], c.Count))];
        double[] mean = [.. drawn.Select(f => ServiceTimes.Mean(functions.Functions[f]))];
        double scale = workPerS * windowMinutes * 60 / counts.Sum(c => c.Count * mean[c.Function]);
        List<SimulatedCall> calls = [];
        foreach ((int minute, int f, int count) in counts)
        {
            int n = (int)((count * scale) + random.NextDouble());
            for (int i = 0; i < n; i++)
            {
                double service = functions.Functions[drawn[f]].DurationAt(random.NextDouble()) / 1000;
                calls.Add(new SimulatedCall((minute + random.NextDouble()) * 60, f, Math.Clamp(service, ShortestServiceS, LongestServiceS)));
            }
        }
        return [.. calls.OrderBy(c => c.ArrivalS)];
    }

    private static int[] Shuffled(int count, ref SplitMix random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }
}
