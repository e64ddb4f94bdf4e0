using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Commands;
using Pipeline.Predictor.Models;

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
        Option<bool> fromTopics = new("--from-topics") { Description = "Replay what the cluster's topics hold (calls, completions, load) in place of --fleet and --functions: what would it have been like?" };
        Option<DateTimeOffset?> from = new("--from") { Description = "With --from-topics: begin of the span, event time, such as 2026-05-01T00:00Z (default: all that is there)", HelpName = "TIME" };
        Option<DateTimeOffset?> to = new("--to") { Description = "With --from-topics: end of the span", HelpName = "TIME" };
        ServiceOptions service = new();
        Option<string[]> presets = Names("--preset", Presets.Names, "Experiments with marks. What they do not vary is as the other options say, but for --policies and --signals, which are theirs; of several, each gets a folder of its name in --out. Any of, or", byDefault: false);
        Option<int> vms = CommonOptions.Int("--vms", "VMs drawn from the trace", defaults.Vms, 1, 100_000);
        Option<double> cores = CommonOptions.Double("--cores", "Cores of each VM; 0: as in the trace", defaults.Cores, 0, 4096);
        Option<double> load = CommonOptions.Double("--load", "Work of the functions as a share of the cores left free", defaults.Load, .01, 10);
        Option<int> stale = CommonOptions.Int("--stale", "Minutes that what is told of the VMs' own load is late", defaults.StaleMinutes, 0, 1440);
        Option<bool> neighboursStale = new("--neighbours-stale") { Description = "To the network, neighbours' reports are as late" };
        Option<bool> noise = new("--noise") { Description = "The VMs' own load moves within its step" };
        Option<double> interval = CommonOptions.Double("--report-interval", "Seconds between two reports of a VM; 0: the step of the trace", 0, 0, 86_400);
        Option<double> delay = CommonOptions.Double("--report-delay", "Seconds until a report is known", defaults.ReportDelayS, 0, 86_400);
        Option<double> lost = CommonOptions.Double("--lost", "Share of reports that never arrive", 0, 0, 1);
        Option<double> silent = CommonOptions.Double("--silent", "Share of the time that VMs are silent, for 15 to 60 minutes each", 0, 0, .95);
        Option<double> network = CommonOptions.Double("--network-delay", "Milliseconds from a decision to its VM, and back", 0, 0, 60_000);
        Option<int> dispatchers = CommonOptions.Int("--dispatchers", "Dispatchers that share out the functions", 1, 1, 64);
        Option<DirectoryInfo?> spot = new("--evictions") { Description = "Folder of spot traces, files as {\"metadata\": {\"gap_seconds\": 300}, \"data\": [instances, ...]}: half of the VMs come and go by them", HelpName = "DIR" };
        OptionValidation.AcceptExistingOnly(spot!);
        Option<bool> deadlines = new("--deadlines") { Description = "Calls have a deadline of one second and three times their function's mean service time, and are rejected where they are not expected to meet it" };
        Option<double> burst = CommonOptions.Double("--burst", "In the middle third one tenant calls so many times as often", 1, 1, 1000);
        Option<string[]> policies = Names("--policies", PolicyCatalog.Names, "Policies");
        Option<string[]> signals = Names("--signals", Signal.Names, "What the dispatcher is told of the VMs' own load");
        Option<int> seeds = CommonOptions.Int("--seeds", "Scenarios drawn", 5, 1, 10_000);
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the first scenario", 1, 0, int.MaxValue / 2);
        Option<double> hours = CommonOptions.Double("--hours", "Length of a scenario", defaults.Hours, .1, 1000);
        Option<SlotRange?> slots = SlotsOption();
        Option<FileInfo> model = new("--model") { Description = "The predictor's model (default: the one that is shipped)", HelpName = "FILE", DefaultValueFactory = _ => new FileInfo(ModelFile.DefaultPath) };
        Option<FleetDraw> draw = new("--draw") { Description = "How VMs are drawn: all alike, or half of them busy ones", DefaultValueFactory = _ => defaults.Draw };
        draw.AcceptOnlyFromAmong("random", "busy");
        Option<int> functionCount = CommonOptions.Int("--function-count", "Functions drawn from the trace", defaults.Functions, 1, 100_000);
        Option<double> leastService = CommonOptions.Double("--least-service", "Only functions with at least this mean service time, seconds", 0, 0, 3600);
        Option<double> lambda = CommonOptions.Double("--lambda", "Weight of the risk that a VM gets busy during the call", defaults.Policies.Lambda, 0, 1000);
        Option<double> misses = CommonOptions.Double("--deadline-misses", "With deadlines: reject a call when this share of its function's calls would miss it; 0: when its expected cost is beyond it", defaults.Policies.DeadlineMisses, 0, .99);
        Option<double> keepWarm = CommonOptions.Double("--keep-warm", "Weight of the cold starts that others will have because their idle containers give way", defaults.Policies.KeepWarm, 0, 1000);
        Option<double> callsPerCore = CommonOptions.Double("--calls-per-core", "Calls in flight for each core expected free, beyond which calls wait for their tenant's turn, as the tenant * of the service says; 0: nobody waits", 0, 0, 1000);
        Option<double> memory = CommonOptions.Double("--memory-per-core", "GiB of memory for each core; with --cores 0 it is the trace's", defaults.MemoryGibPerCore, .01, 1024);
        Option<DirectoryInfo?> output = new("--out") { Description = "Folder for simulation.json, summary.json and simulation.html", HelpName = "DIR" };
        Command command = new("simulate", "Tries policies and signals on a fleet's trace with a functions' trace, all on the same scenarios.")
        {
            fleet, functions, fromTopics, from, to, presets, vms, cores, load, stale, neighboursStale, noise, interval, delay, lost, silent, network, dispatchers, spot, burst, deadlines,
            policies, signals, seeds, seed, hours, slots, model, draw, functionCount, leastService, lambda, misses, keepWarm, callsPerCore, memory, output,
        };
        service.AddConnectionTo(command);
        command.Validators.Add(parsed =>
        {
            bool topics = parsed.GetValue(fromTopics), traces = parsed.GetValue(fleet) is not null && parsed.GetValue(functions) is not null;
            if (!topics && !traces) parsed.AddError("--fleet DIR and --functions DIR are wanted, or --from-topics with --kafka HOST:PORT");
            else if (topics && (parsed.GetValue(fleet) ?? parsed.GetValue(functions)) is not null) parsed.AddError("--from-topics takes the place of --fleet and --functions");
            else if (parsed.GetValue(presets)!.Contains(Presets.Evictions) && parsed.GetValue(spot) is null) parsed.AddError($"--preset {Presets.Evictions} needs --evictions DIR, a folder of spot traces");
            else if (!topics && (parsed.GetValue(from) ?? parsed.GetValue(to)) is not null) parsed.AddError("--from and --to go with --from-topics");
        });
        command.SetAction((parsed, cancel) =>
        {
            SlotRange? range = parsed.GetValue(slots);
            Experiment experiment = new()
            {
                Options = new SimulationOptions
                {
                    Vms = parsed.GetValue(vms),
                    Cores = parsed.GetValue(cores),
                    MemoryGibPerCore = parsed.GetValue(memory),
                    Load = parsed.GetValue(load),
                    StaleMinutes = parsed.GetValue(stale),
                    NeighboursStale = parsed.GetValue(neighboursStale),
                    Noise = parsed.GetValue(noise),
                    ReportIntervalS = parsed.GetValue(interval),
                    ReportDelayS = parsed.GetValue(delay),
                    LostShare = parsed.GetValue(lost),
                    SilentShare = parsed.GetValue(silent),
                    NetworkDelayS = parsed.GetValue(network) / 1000,
                    Dispatchers = parsed.GetValue(dispatchers),
                    Spot = parsed.GetValue(spot) is { } evictions ? SpotTrace.Load(evictions) : [],
                    Burst = parsed.GetValue(burst),
                    Deadlines = parsed.GetValue(deadlines),
                    CallsPerCore = parsed.GetValue(callsPerCore),
                    Hours = parsed.GetValue(hours),
                    Slots = range is null ? null : (range.First, range.Last),
                    Draw = parsed.GetValue(draw),
                    Functions = parsed.GetValue(functionCount),
                    LeastServiceS = parsed.GetValue(leastService),
                    Policies = defaults.Policies with { Lambda = parsed.GetValue(lambda), DeadlineMisses = parsed.GetValue(misses), KeepWarm = parsed.GetValue(keepWarm) },
                },
                Policies = parsed.GetValue(policies)!,
                Signals = [.. parsed.GetValue(signals)!.Select(Signal.Of)],
                Seeds = parsed.GetValue(seeds),
                FirstSeed = parsed.GetValue(seed),
            };
            Func<SimulationOptions, IScenarioSource> open = parsed.GetValue(fromTopics)
                ? Recorded(service.Connection(parsed), parsed.GetValue(from) ?? DateTimeOffset.UnixEpoch, parsed.GetValue(to) ?? DateTimeOffset.MaxValue, cancel)
                : Traced(FleetTrace.Load(parsed.GetValue(fleet)!), FunctionTrace.Load(parsed.GetValue(functions)!));
            ExperimentRunner runner = new(open, parsed.GetValue(model)!.FullName, Console.Error.WriteLine);
            Preset?[] chosen = [.. parsed.GetValue(presets)!.Select(Presets.Of).DefaultIfEmpty()];
            IReadOnlyList<Experiment>[] experiments = [.. chosen.Select(p => p?.Experiments(experiment) ?? [experiment])];
            using IEnumerator<IReadOnlyList<SimulationRun>> results = runner.Run([.. experiments.SelectMany(e => e)], cancel).GetEnumerator();
            for (int i = 0; i < chosen.Length; i++)
            {
                List<SimulationRun> runs = [];
                for (int e = 0; e < experiments[i].Count && results.MoveNext(); e++) runs.AddRange(results.Current);
                DirectoryInfo? into = parsed.GetValue(output) is not { } given ? null : chosen.Length == 1 ? given : given.CreateSubdirectory(chosen[i]!.Name);
                Report(runs, chosen[i], into);
            }
            return Task.CompletedTask;
        });
        return command;
    }

    private static void Report(IReadOnlyList<SimulationRun> runs, Preset? preset, DirectoryInfo? folder)
    {
        IReadOnlyList<Mark>? marks = preset?.Marks(runs);
        SimulationText.Print(runs, marks, Console.Out);
        if (folder is null) return;
        folder.Create();
        File.WriteAllText(Path.Combine(folder.FullName, "simulation.json"), SimulationReport.Of(runs, marks));
        File.WriteAllText(Path.Combine(folder.FullName, "summary.json"), SimulationReport.Summary(runs, marks));
        SimulationPage.Of(runs, marks, preset).Write(new FileInfo(Path.Combine(folder.FullName, "simulation.html")));
    }

    private static Func<SimulationOptions, IScenarioSource> Traced(FleetTrace fleet, FunctionTrace functions)
    {
        OwnLoad load = new(fleet);
        return options => new ScenarioDrawer(fleet, load, functions, options);
    }

    private static Func<SimulationOptions, IScenarioSource> Recorded(KafkaConnection connection, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        using ILoggerFactory log = Log.ToConsole();
        using IPartitionReader reader = new ConfluentClients(connection, log).OpenReader();
        Recording recording = RecordingReader.Read(reader, from, to, cancel);
        Console.Error.WriteLine($"{recording.Calls:N0} calls, {recording.Completed:N0} of them completed, on {recording.Vms:N0} VMs");
        return options => new RecordedScenarios(recording, options);
    }

    private static Option<SlotRange?> SlotsOption() => new("--slots")
    {
        Description = "Slots of the fleet's trace that scenarios are drawn from, both ends counted (default: all); leave out those that the model learnt from",
        HelpName = "A..B",
        CustomParser = result =>
        {
            if (!SlotRange.TryParse(result.Tokens[0].Value, out SlotRange? range)) result.AddError($"--slots is '{result.Tokens[0].Value}'; two slots such as 0..8639 are wanted");
            return range;
        },
    };

    private static Option<string[]> Names(string name, IReadOnlyList<string> known, string description, bool byDefault = true) => new(name)
    {
        Description = $"{description}, separated by commas: {All}, {string.Join(", ", known)}",
        HelpName = "NAME,...",
        DefaultValueFactory = _ => byDefault ? [.. known] : [],
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
