using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// Scenarios out of a recording: the calls that were made, on the VMs that were there or on some of them. Calls whose service time is not known
/// (rejected or lost) are taken to be as long as their function's others.
/// </summary>
public sealed class RecordedScenarios : IScenarioSource
{
    /// <summary>A call of no length has no slowdown.</summary>
    private const double ShortestServiceS = .001;

    private readonly IReadOnlyList<RecordedCall> calls;
    private readonly TracedFunction[] functions;
    private readonly SimulatedCall[] simulated;
    private readonly OwnLoad load;
    private readonly SimulationOptions options;
    private readonly int firstSlot;
    private readonly double durationS;
    private readonly long startMs;

    /// <param name="recording">What the topics told.</param>
    /// <param name="options">VMs: so many of the recorded ones, or all if there are fewer. Cores and memory are the recorded ones.</param>
    /// <exception cref="UserException">There is nothing to replay.</exception>
    public RecordedScenarios(Recording recording, SimulationOptions options)
    {
        this.options = options;
        Fleet = recording.Fleet();
        load = new OwnLoad(Fleet);
        calls = recording.InOrder();
        if (calls.Count == 0) throw new UserException("no call was made in the span that was asked for");
        firstSlot = Math.Max(1, Fleet.SlotAt(calls[0].ArrivalMs));
        startMs = Fleet.SlotStartUnixMs(firstSlot);
        durationS = Math.Ceiling((calls[^1].ArrivalMs - startMs + 1) / 60_000.0) * 60;
        functions = [.. calls.GroupBy(c => c.Function, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(Describe)];
        Dictionary<string, int> rows = functions.Select((f, i) => (f.Name, i)).ToDictionary(f => f.Name, f => f.i, StringComparer.Ordinal);
        simulated = [.. calls.Select(c => new SimulatedCall((c.ArrivalMs - startMs) / 1000.0, rows[c.Function], c.EndMs is null ? functions[rows[c.Function]].DurationMs[0] / 1000 : Math.Max(ShortestServiceS, c.ServiceS)))];
    }

    public FleetTrace Fleet { get; }

    public Scenario Draw(int seed) => DrawFleet(seed) with { Calls = simulated };

    public Scenario DrawFleet(int seed)
    {
        int[] order = [.. Enumerable.Range(0, Fleet.Vms.Count)];
        if (options.Vms < order.Length) new SplitMix(SplitMix.Mix((ulong)seed)).Shuffle(order);
        int[] vms = [.. order[..Math.Min(options.Vms, order.Length)].Order()];
        double[] own = new double[Fleet.SlotCount * vms.Length];
        for (int s = 0; s < Fleet.SlotCount; s++)
            for (int v = 0; v < vms.Length; v++) own[(s * vms.Length) + v] = load.At(s, vms[v]);
        return new Scenario
        {
            Seed = seed,
            Vms = [.. vms.Select(v => Fleet.Vms[v])],
            Cores = [.. vms.Select(v => (double)load.Cores(v))],
            MemoryBytes = [.. vms.Select(load.MemoryBytes)],
            OwnLoad = own,
            FirstSlot = firstSlot,
            SlotS = Fleet.SlotMs / 1000.0,
            Functions = functions,
            Calls = [],
            DurationS = durationS,
            TraceSlot = firstSlot,
            TraceRows = vms,
        };
    }

    /// <summary>What was measured of the calls when they were made.</summary>
    public SimulationRun? Happened(int seed)
    {
        Scenario scenario = DrawFleet(seed) with { Calls = simulated };
        CallResult[] results = [.. calls.Select(c => c.EndMs is { } end ? new CallResult((end - startMs) / 1000.0, c.Cold) : CallResult.Rejected)];
        Dictionary<string, double> work = calls.Where(c => c.EndMs is not null).GroupBy(c => c.Vm).ToDictionary(g => g.Key, g => g.Sum(c => c.CpuS), StringComparer.Ordinal);
        return new SimulationRun("recorded", "recorded", 0, seed, Measures.Of(scenario, results, [.. Fleet.Vms.Select(v => (work.GetValueOrDefault(v), BusyS(v)))]));
    }

    private double BusyS(string vm)
    {
        double until = double.NegativeInfinity, busy = 0;
        foreach (RecordedCall call in calls.Where(c => c.EndMs is not null && c.Vm == vm).OrderBy(c => c.EndMs - (c.WallS * 1000)))
        {
            double end = call.EndMs!.Value / 1000.0, start = Math.Max(until, end - call.WallS);
            if (end <= start) continue;
            busy += end - start;
            until = end;
        }
        return busy;
    }

    private static TracedFunction Describe(IGrouping<string, RecordedCall> group)
    {
        double[] known = [.. group.Where(c => c.EndMs is not null).Select(c => c.ServiceS)];
        double ms = Math.Max(ShortestServiceS, known.Length > 0 ? known.Average() : Pipeline.Dispatcher.Fleet.FunctionTable.PriorServiceS) * 1000;
        return new TracedFunction(group.Key, group.First().Tenant, (ulong)Math.Max(1, group.Max(c => c.MemoryBytes)), [.. Enumerable.Repeat(ms, FunctionTrace.Levels.Length)]);
    }
}
