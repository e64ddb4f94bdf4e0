using System.Globalization;
using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>The experiments that are repeated whenever policies, signals or the predictor change.</summary>
public static class Presets
{
    /// <summary>The one that needs spot traces.</summary>
    public const string Evictions = "evictions";

    private const string Ours = ExpectedCompletionTimePolicy.PolicyName;

    private static readonly string[] Ladder = ["none", "last", "network", "oracle", "none+feedback", "last+feedback", "network+feedback"];

    /// <summary>Where turns are tried: calls in flight for each core.</summary>
    private const double TurnsPerCore = 4;

    private static readonly (string Variant, bool Deadlines, double CallsPerCore)[] Overloads = [("deadlines", true, 0), ("turns", false, TurnsPerCore), ("neither", false, 0)];

    private static readonly Preset[] All =
    [
        new(
            "shoot-out", "All policies at loads .5, .7 and .85, each with what it looks at.",
            e => [.. Loads(.5, .7, .85).Select(load => Signals(e, "none", "last", "oracle", "network+feedback") with { Policies = PolicyCatalog.Names, Options = e.Options with { Load = load } })],
            ShootOutMarks),
        new(
            "staleness", "Own reports fresh, 15 and 60 minutes old, their neighbours' fresh, and then as old.",
            e =>
            [
                .. from load in Loads(.7, .85)
                   from stale in (int[])[0, 15, 60]
                   from neighbours in (bool[])[false, true]
                   where stale > 0 || !neighbours
                   select Signals(e, Ladder) with { Variant = neighbours ? "neighbours as old" : "", Options = e.Options with { Load = load, StaleMinutes = stale, NeighboursStale = neighbours } },
            ],
            StalenessMarks),
        new(
            "fleets", "VMs drawn at random, and half of them busy ones.",
            e => [.. from draw in (FleetDraw[])[FleetDraw.Random, FleetDraw.Busy] from load in Loads(.7, .85) select Signals(e, Ladder) with { Variant = draw == FleetDraw.Random ? "random fleet" : "busy fleet", Options = e.Options with { Load = load, Draw = draw } }],
            NeverWorseMarks),
        new(
            "reports", "Reports every ten seconds, every five and fifteen minutes, a third of them lost, five minutes late, and VMs silent for a fifth of the time.",
            e =>
            [
                Signals(e, Ladder) with { Variant = "every 10 s", Options = e.Options with { ReportIntervalS = 10, ReportDelayS = 1 } },
                Signals(e, Ladder) with { Variant = "every 5 min" },
                Signals(e, Ladder) with { Variant = "every 15 min", Options = e.Options with { ReportIntervalS = 900 } },
                Signals(e, Ladder) with { Variant = "a third lost", Options = e.Options with { LostShare = .33 } },
                Signals(e, Ladder) with { Variant = "5 min late", Options = e.Options with { ReportDelayS = 300 } },
                Signals(e, Ladder) with { Variant = "silent a fifth of the time", Options = e.Options with { SilentShare = .2 } },
            ],
            NeverWorseMarks),
        new(
            Evictions, "Half of the VMs are spot instances that come and go (needs --evictions).",
            e => [Signals(e, Ladder) with { Variant = "evictions" }],
            runs => [.. NeverWorseMarks(runs), Mark.AtMost("share of calls rejected or given up", .001, Default(runs).Sum(r => (double)r.Measures.Rejected) / Default(runs).Sum(r => (double)r.Measures.Invocations))]),
        new(
            "burst", $"One tenant calls ten times as often in the middle third; what that does to the others, without turns and with turns of {Text(TurnsPerCore)} calls for each core.",
            e =>
            [
                .. from turns in (bool[])[false, true]
                   from burst in (bool[])[false, true]
                   select Signals(e, "none", "oracle", "network+feedback") with { Variant = BurstVariant(turns, burst), Options = e.Options with { Burst = burst ? 10 : 1.0001, CallsPerCore = turns ? TurnsPerCore : 0 } },
            ],
            runs => [.. from turns in (bool[])[false, true] select Mark.AtMost($"{(turns ? "turns" : "no turns")}: p99 of the other tenants during the burst, against no burst", 1.1, OthersP99(runs, turns, burst: true) / OthersP99(runs, turns, burst: false))]),
        new(
            "overload", $"Work of one and a half times the free capacity: calls with a deadline, rejected where they are not expected to meet it; turns of {Text(TurnsPerCore)} calls for each core; neither.",
            e => [.. Overloads.Select(o => Signals(e, "none", "last", "oracle", "none+feedback", "last+feedback", "network+feedback") with { Variant = o.Variant, Options = e.Options with { Load = 1.5, Deadlines = o.Deadlines, CallsPerCore = o.CallsPerCore } })],
            runs => [.. from o in Overloads select Mark.AtLeast($"{o.Variant}: goodput, share of the free capacity", .95, Default(runs, o.Variant).Average(r => r.Measures.GoodputShare))]),
        new(
            "scale", "40, 400 and 4,000 VMs.",
            e => [.. ((int[])[40, 400, 4000]).Select(n => Signals(e, "none", "last", "oracle", "none+feedback", "last+feedback") with { Variant = string.Create(CultureInfo.InvariantCulture, $"{n} VMs"), Seeds = Math.Min(e.Seeds, n == 40 ? e.Seeds : 1), Options = e.Options with { Vms = n, Hours = n == 4000 ? Math.Min(.5, e.Options.Hours) : e.Options.Hours } })],
            runs => NeverWorse(runs, "last+feedback")),
        new(
            "herding", "One to eight dispatchers share out the functions and read of each other's dispatches 100 ms later.",
            e => [.. ((int[])[1, 2, 4, 8]).Select(d => Signals(e, "none", "last", "oracle", "last+feedback", "network+feedback") with { Variant = $"{d} dispatchers", Options = e.Options with { Dispatchers = d, NetworkDelayS = Math.Max(.002, e.Options.NetworkDelayS) } })],
            runs => [Mark.AtMost("mean response with eight dispatchers, against one", 1.05, Default(runs, "8 dispatchers").Average(r => r.Measures.MeanResponseS) / Default(runs, "1 dispatchers").Average(r => r.Measures.MeanResponseS))]),
        new(
            "long-functions", "Few functions, all of them long (mean service time of 5 s and more).",
            e => [Signals(e, Ladder) with { Variant = "long functions", Options = e.Options with { LeastServiceS = 5, Functions = 20 } }],
            NeverWorseMarks),
        new(
            "predictor", "What the predictor adds: the network whole, without edges, with other VMs' edges, and simple means in its place; own reports fresh and 60 minutes old.",
            e => [.. ((int[])[0, 60]).Select(stale => Signals(e, [.. Signal.Names]) with { Options = e.Options with { StaleMinutes = stale } })],
            NeverWorseMarks),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(p => p.Name)];

    /// <exception cref="ArgumentException">There is no preset of that name.</exception>
    public static Preset Of(string name) => All.FirstOrDefault(p => p.Name == name) ?? throw new ArgumentException($"there is no preset '{name}'; there are {string.Join(", ", Names)}", nameof(name));

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string BurstVariant(bool turns, bool burst) => $"{(burst ? "tenfold burst" : "no burst")}{(turns ? ", turns" : "")}";

    private static double OthersP99(IReadOnlyList<SimulationRun> runs, bool turns, bool burst) => Default(runs, BurstVariant(turns, burst)).Average(r => r.Measures.P99Others);

    private static double[] Loads(params double[] loads) => loads;

    private static Experiment Signals(Experiment e, params string[] signals) => e with { Policies = [Ours], Signals = [.. signals.Select(Signal.Of)] };

    private static IReadOnlyList<SimulationRun> Default(IReadOnlyList<SimulationRun> runs, string? variant = null) =>
        [.. runs.Where(r => r is { Policy: Ours, Signal: "network+feedback" } && (variant is null || r.Variant == variant))];

    private static IReadOnlyList<Mark> ShootOutMarks(IReadOnlyList<SimulationRun> runs) =>
    [
        .. from same in runs.GroupBy(r => r.Load)
           let ours = same.Where(r => r is { Policy: Ours, Signal: "network+feedback" }).Average(r => r.Measures.MeanResponseS)
           let best = same.Where(r => r.Policy != Ours).GroupBy(r => r.Policy).Select(g => (Policy: g.Key, Mean: g.Average(r => r.Measures.MeanResponseS))).MinBy(p => p.Mean)
           select Mark.AtMost(string.Create(CultureInfo.InvariantCulture, $"load {same.Key}: mean response against the best other policy ({best.Policy})"), 1, ours / best.Mean),
    ];

    private static IReadOnlyList<Mark> StalenessMarks(IReadOnlyList<SimulationRun> runs)
    {
        IReadOnlyList<Headroom> headroom = Headroom.Of(runs);
        List<Mark> marks = [];
        foreach ((double load, int stale, double wanted) in ((double, int, double)[])[(.7, 0, .9), (.85, 0, .85), (.7, 60, .85), (.85, 60, .8)])
        {
            Headroom? found = headroom.FirstOrDefault(h => h is { Policy: Ours, Signal: "network+feedback", Measure: Headroom.Mean, Variant: "" } && h.Load == load && h.StaleMinutes == stale);
            if (found is not null) marks.Add(Mark.AtLeast(string.Create(CultureInfo.InvariantCulture, $"load {load}, own reports {stale} min old: headroom of the mean response recovered"), wanted, found.Recovered));
        }
        return [.. marks, .. NeverWorseMarks(runs)];
    }

    private static IReadOnlyList<Mark> NeverWorseMarks(IReadOnlyList<SimulationRun> runs) => NeverWorse(runs, "network+feedback");

    // Not worse for sure: the whole interval says so.
    private static IReadOnlyList<Mark> NeverWorse(IReadOnlyList<SimulationRun> runs, string signal) =>
    [
        .. from h in Headroom.Of(runs)
           where h is { Policy: Ours, Measure: Headroom.Mean, OverFeedbackAloneHigh: not null } && h.Signal == signal
           select Mark.AtMost(string.Create(CultureInfo.InvariantCulture, $"{h.Variant} load {h.Load}, reports {h.StaleMinutes} min old: mean response of {signal} over that of feedback alone, upper end of the interval").TrimStart(), 0, h.OverFeedbackAloneHigh!.Value),
    ];
}
