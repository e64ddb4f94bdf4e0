using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Service;

/// <summary><c>dispatcher simulate</c>.</summary>
internal static class SimulateCommand
{
    private const string All = "all";

    public static Command Create()
    {
        SimulationOptions defaults = new();
        Option<DirectoryInfo> fleet = CommonOptions.Folder("--fleet", "Trace folder of the VMs' own load");
        Option<DirectoryInfo> functions = CommonOptions.Folder("--functions", "Trace folder of the functions");
        fleet.Required = functions.Required = true;
        Option<int> vms = CommonOptions.Int("--vms", "VMs drawn from the trace", defaults.Vms, 1, 100_000);
        Option<double> cores = CommonOptions.Double("--cores", "Cores of each VM; 0: as in the trace", defaults.Cores, 0, 4096);
        Option<double> load = CommonOptions.Double("--load", "Work of the functions as a share of the cores left free", defaults.Load, .01, 10);
        Option<int> stale = CommonOptions.Int("--stale", "Minutes that what is told of the VMs' own load is late", defaults.StaleMinutes, 0, 1440);
        Option<string[]> policies = Names("--policies", PolicyCatalog.Names, "Policies");
        Option<string[]> signals = Names("--signals", SignalFeed.Names, "What the dispatcher is told of the VMs' own load");
        Option<int> seeds = CommonOptions.Int("--seeds", "Scenarios drawn", 5, 1, 10_000);
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the first scenario", 1, 0, int.MaxValue / 2);
        Option<double> hours = CommonOptions.Double("--hours", "Length of a scenario", defaults.Hours, .1, 1000);
        Option<FleetDraw> draw = new("--draw") { Description = "How VMs are drawn: all alike, or half of them busy ones", DefaultValueFactory = _ => defaults.Draw };
        Option<int> functionCount = CommonOptions.Int("--function-count", "Functions drawn from the trace", defaults.Functions, 1, 100_000);
        Option<DirectoryInfo?> output = new("--out") { Description = "Folder for simulation.json", HelpName = "DIR" };
        Command command = new("simulate", "Tries policies and signals on a fleet's trace with a functions' trace, all on the same scenarios.");
        foreach (Option option in new Option[] { fleet, functions, vms, cores, load, stale, policies, signals, seeds, seed, hours, draw, functionCount, output }) command.Add(option);
        command.SetAction((parsed, cancel) =>
        {
            SimulationOptions options = new()
            {
                Vms = parsed.GetValue(vms),
                Cores = parsed.GetValue(cores),
                Load = parsed.GetValue(load),
                StaleMinutes = parsed.GetValue(stale),
                Hours = parsed.GetValue(hours),
                Draw = parsed.GetValue(draw),
                Functions = parsed.GetValue(functionCount),
            };
            ScenarioDrawer drawer = new(FleetTrace.Load(parsed.GetValue(fleet)!), FunctionTrace.Load(parsed.GetValue(functions)!), options);
            List<SimulationRun> runs = [];
            for (int s = 0; s < parsed.GetValue(seeds); s++)
            {
                Scenario scenario = drawer.Draw(parsed.GetValue(seed) + s);
                foreach ((string policy, string signal) in Pairs(parsed.GetValue(policies)!, parsed.GetValue(signals)!))
                {
                    cancel.ThrowIfCancellationRequested();
                    runs.Add(RunOne(scenario, policy, signal, options));
                }
            }
            Print(runs);
            Write(runs, parsed.GetValue(output));
            return Task.CompletedTask;
        });
        return command;
    }

    // Only these go by the VMs' own load: the others are run once, without a signal.
    private static IEnumerable<(string Policy, string Signal)> Pairs(string[] policies, string[] signals) =>
        from policy in policies
        from signal in policy is ExpectedCompletionTimePolicy.PolicyName or PrequalPolicy.PolicyName or LoadPackingPolicy.PolicyName ? signals : [SignalFeed.None]
        select (policy, signal);

    private static SimulationRun RunOne(Scenario scenario, string policy, string signal, SimulationOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        Measures measures = new Simulator(scenario, PolicyCatalog.Create(policy, options.Policies), signal, options).Run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {scenario.Seed} {policy} {signal}: {scenario.Calls.Length} calls in {seconds:0.0} s, mean response {measures.MeanResponseS:0.000} s"));
        return new SimulationRun(policy, signal, options.Load, scenario.Seed, measures, options.StaleMinutes);
    }

    private static void Print(List<SimulationRun> runs)
    {
        Line($"{"policy",-26} {"signal",-12} {"mean s",8} {"p50",7} {"p95",7} {"p99",7} {"slowdown",9} {"cold %",7} {"rejected",9} {"calls/s",8} recovered of the mean and of p99, %");
        IReadOnlyList<Headroom> headroom = Headroom.Of(runs);
        foreach (IGrouping<(string Policy, string Signal), Measures> group in runs.GroupBy(r => (r.Policy, r.Signal), r => r.Measures))
        {
            string recovered = string.Join(' ', headroom.Where(h => (h.Policy, h.Signal) == group.Key).Select(h => string.Create(CultureInfo.InvariantCulture, $"{h.Recovered * 100:0} [{h.Low * 100:0}, {h.High * 100:0}]")));
            double Mean(Func<Measures, double> read) => group.Average(read);
            Line($"{group.Key.Policy,-26} {group.Key.Signal,-12} {Mean(m => m.MeanResponseS),8:0.000} {Mean(m => m.P50),7:0.000} {Mean(m => m.P95),7:0.00} {Mean(m => m.P99),7:0.00} {Mean(m => m.MeanSlowdown),9:0.00} {Mean(m => m.ColdShare) * 100,7:0.00} {group.Sum(m => m.Rejected),9} {Mean(m => m.Goodput),8:0.0} {recovered}");
        }
        foreach (Headroom h in headroom.Where(h => (h.Policy, h.Signal) == (ExpectedCompletionTimePolicy.PolicyName, SignalFeed.Oracle)))
            Line($"headroom in {h.Measure}: {h.Share * 100:0.0} %");
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static void Write(List<SimulationRun> runs, DirectoryInfo? folder)
    {
        if (folder is null) return;
        folder.Create();
        File.WriteAllText(Path.Combine(folder.FullName, "simulation.json"), SimulationReport.Of(runs));
    }

    private static Option<string[]> Names(string name, IReadOnlyList<string> known, string description) => new(name)
    {
        Description = $"{description}, separated by commas: {All}, {string.Join(", ", known)}",
        DefaultValueFactory = _ => [.. known],
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string[] names = result.Tokens[0].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (names is [All]) return [.. known];
            foreach (string unknown in names.Except(known)) result.AddError($"{name}: '{unknown}' is unknown; there are {string.Join(", ", known)}");
            return [.. names.Distinct()];
        },
    };
}
