using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// What the predictor says of a trace's whole fleet while some scenarios run on it: the model that is served, on snapshots made by the code that
/// makes live ones, once for all experiments. Reports that do not arrive in a scenario are withheld from it. Scores are taken when they are asked
/// for, and kept: experiments that differ only in their calls share them.
/// </summary>
public sealed class NetworkSource : IDisposable
{
    private readonly Scorer scorer;
    private readonly TraceSnapshots trace;
    private readonly Dictionary<string, int> rows;
    private readonly Dictionary<ReportKey, (int[] Own, int[] Others)[]> ages = [];
    private readonly Dictionary<(ReportKey Reports, string Source), NetworkForecasts> made = [];
    private readonly Dictionary<int, List<int[]>> draws = [];
    private readonly InputBuffers inputs;
    private readonly SampleWriter writer;
    private readonly int[] permutation;

    /// <summary>Row of each VM: its own.</summary>
    private readonly int[] rowOf;

    /// <param name="fleet">The trace; scenarios drawn from it.</param>
    /// <param name="scenarios">All that will be asked about and how reports go there; calls are not looked at.</param>
    /// <param name="modelPath">The model, its card beside it.</param>
    /// <exception cref="UserException">The model cannot be served, or does not fit the trace or the scenarios.</exception>
    public NetworkSource(FleetTrace fleet, IEnumerable<(Scenario Scenario, SimulationOptions Options)> scenarios, string modelPath)
    {
        scorer = ModelFile.Open(modelPath, threads: 1).Scorer;
        if (scorer.Signature.StepMs != fleet.SlotMs) throw new UserException($"model {modelPath} goes by steps of {scorer.Signature.StepMs} ms; the fleet's trace has slots of {fleet.SlotMs} ms");
        rows = fleet.Vms.Order(StringComparer.Ordinal).Select((name, row) => (name, row)).ToDictionary(v => v.name, v => v.row, StringComparer.Ordinal);
        int last = 0;
        foreach ((Scenario scenario, SimulationOptions options) in scenarios) last = Math.Max(last, Plan(scenario, options));
        trace = TraceSnapshotBuilder.Build(fleet.Slice(0, last + 1, [.. Enumerable.Range(0, fleet.Vms.Count)]), "simulation", draws.ContainsKey, (slot, _) => draws[slot]);
        inputs = new InputBuffers(scorer.Signature);
        writer = new SampleWriter(trace, scorer.Signature);
        rowOf = [.. Enumerable.Range(0, trace.Vms.Count)];
        permutation = [.. rowOf];
        new SplitMix(1).Shuffle(permutation);
    }

    /// <summary>What the network says of a scenario's VMs at the start of each slot.</summary>
    public NetworkForecasts Of(Scenario scenario, SimulationOptions options, Signal signal)
    {
        ReportKey reports = KeyOf(scenario, options);
        if (made.TryGetValue((reports, signal.Source), out NetworkForecasts? forecasts)) return forecasts;
        return made[(reports, signal.Source)] = Make(scenario, ages[reports], signal);
    }

    public void Dispose() => scorer.Dispose();

    private NetworkForecasts Make(Scenario scenario, (int[] Own, int[] Others)[] agesOfSlots, Signal signal)
    {
        int vms = scenario.Vms.Count, h = BusyHazard.Horizons;
        NetworkForecasts result = new(new PeakForecast[scenario.SlotCount * vms], new float[scenario.SlotCount * vms * h]);
        Forecast forecast = new();
        int[] horizonsS = [.. scorer.Signature.HorizonSteps.Select(s => (int)(s * scorer.Signature.StepMs / 1000))];
        float[] levels = [.. scorer.Signature.Levels], logFree = new float[horizonsS.Length];
        int thresholds = scorer.Signature.BusyThresholds.Count, horizons = horizonsS.Length;
        for (int slot = 0; slot < scenario.SlotCount; slot++)
        {
            Score(scenario.TraceSlot + slot - 1, agesOfSlots[slot], signal, forecast);
            for (int v = 0; v < vms; v++)
            {
                int row = rows[scenario.Vms[v]], at = (slot * vms) + v;
                for (int i = 0; i < horizons; i++) logFree[i] = (float)BusyHazard.LogFree(forecast.BusyProbability[(((row * horizons) + i) * thresholds) + thresholds - 1]);
                result.Peaks[at] = ExpectedFree.Forecast(levels, forecast.PeakQuantile.AsSpan(row * horizons * levels.Length, levels.Length), forecast.BusyProbability[(row * horizons * thresholds) + thresholds - 1]);
                for (int i = 0; i < h; i++) result.LogFree[(at * h) + i] = (float)BusyHazard.LogFreeFor(BusyHazard.HorizonsS[i], horizonsS, logFree);
            }
        }
        return result;
    }

    // Which steps of whose reports are missing at each slot; the last slot of the trace that is needed.
    private int Plan(Scenario scenario, SimulationOptions options)
    {
        ReportKey key = KeyOf(scenario, options);
        if (ages.ContainsKey(key)) return 0;
        (int[] Own, int[] Others)[] agesOfSlots = ages[key] = new (int[], int[])[scenario.SlotCount];
        if (scenario.TraceRows.Length == 0) throw new UserException($"signals of the network need --vms to be at most the {rows.Count} VMs of the trace");
        int all = rows.Count, every = Math.Max(1, (int)(options.ReportIntervalS / scenario.SlotS)), stale = (int)Math.Ceiling(options.StaleMinutes * 60 / scenario.SlotS);
        int[] age = new int[all];
        int[] vmOf = Enumerable.Repeat(-1, all).ToArray();
        for (int v = 0; v < scenario.Vms.Count; v++) vmOf[rows[scenario.Vms[v]]] = v;
        for (int slot = -every; slot < scenario.SlotCount; slot++)
        {
            for (int row = 0; row < all; row++) age[row] = slot % every == 0 && (vmOf[row] < 0 || scenario.Reports.Arrives(vmOf[row], slot * scenario.SlotS)) ? 0 : age[row] + 1;
            if (slot < 0) continue;
            int traceSlot = scenario.TraceSlot + slot - 1;
            int[] own = Withheld(traceSlot, [.. age.Select(a => a + stale)]);
            agesOfSlots[slot] = (own, options.NeighboursStale || stale == 0 ? own : Withheld(traceSlot, [.. age]));
        }
        return scenario.TraceSlot + scenario.SlotCount - 2;
    }

    // The same object for the same ages: features are made of each once.
    private int[] Withheld(int traceSlot, int[] steps)
    {
        if (!draws.TryGetValue(traceSlot, out List<int[]>? list)) draws[traceSlot] = list = [];
        if (list.Find(known => known.AsSpan().SequenceEqual(steps)) is { } same) return same;
        list.Add(steps);
        return steps;
    }

    // Every VM is there twice where it knows less of itself than others know of it.
    private void Score(int traceSlot, (int[] Own, int[] Others) withheld, Signal signal, Forecast forecast)
    {
        int vms = trace.Vms.Count;
        (int[] own, int[] others) = withheld;
        SlotRows snapshot = trace.Rows[traceSlot] ?? throw new InvalidOperationException($"no snapshot was made of slot {traceSlot}");
        int first = own == others ? 0 : vms;
        inputs.Reset(vms + first);
        float[] ownFeatures = Features(snapshot, own), otherFeatures = Features(snapshot, others);
        for (int row = 0; row < vms; row++)
        {
            writer.WriteOwn(inputs, row, traceSlot, row, own[row], ownFeatures);
            WriteNeighbours(row, row, snapshot, signal, first);
            if (first == 0) continue;
            writer.WriteOwn(inputs, first + row, traceSlot, row, others[row], otherFeatures);
            WriteNeighbours(first + row, row, snapshot, signal, first);
        }
        scorer.Run(inputs, forecast);
    }

    private void WriteNeighbours(int row, int vm, SlotRows snapshot, Signal signal, int first)
    {
        if (signal.Source == Signal.NetworkNoEdges) inputs.SetNeighbours(row, [], []);
        else writer.WriteNeighbours(inputs, row, snapshot, signal.Source == Signal.NetworkShuffledEdges ? permutation[vm] : vm, rowOf, first);
    }

    private static float[] Features(SlotRows snapshot, int[] withheld) => snapshot.Withheld.First(w => w.Steps == withheld).Features;

    private static ReportKey KeyOf(Scenario scenario, SimulationOptions options) => new(
        scenario.Seed, scenario.TraceSlot, scenario.SlotCount, options.Vms, options.Draw, options.StaleMinutes, options.NeighboursStale, options.ReportIntervalS, options.LostShare, options.SilentShare);

    /// <summary>What forecasts depend on: the window, its VMs, and which reports arrive.</summary>
    private readonly record struct ReportKey(
        int Seed, int TraceSlot, int Slots, int Vms, FleetDraw Draw, int StaleMinutes, bool NeighboursStale, double ReportIntervalS, double LostShare, double SilentShare);
}
