using System.CommandLine;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Service;

/// <summary><c>dispatcher workers</c>.</summary>
internal static class WorkersCommand
{
    public static Command Create()
    {
        ServiceOptions service = new();
        WorkerOptions defaults = new();
        Option<DirectoryInfo> fleet = CommonOptions.Folder("--fleet", "Trace folder of the VMs' own load");
        Option<DirectoryInfo> functions = CommonOptions.Folder("--functions", "Trace folder of the functions");
        fleet.Required = functions.Required = true;
        Option<int> seed = CommonOptions.Int("--seed", "Seed of service times", 1, 0, int.MaxValue);
        Option<double> keepAlive = CommonOptions.Double("--keep-alive", "Minutes that an idle container is kept", defaults.KeepAlive.TotalMinutes, 0, 1440);
        Option<double> coldStart = CommonOptions.Double("--cold-start", "CPU seconds that a cold start takes", defaults.ColdStartS, 0, 60);
        Option<long> shift = new("--trace-shift") { Description = "Milliseconds by which event time is ahead of the trace's time", DefaultValueFactory = _ => 0 };
        Command command = new("workers", "Simulated VM workers: run dispatched calls in event time and tell their completion, until stopped.");
        service.AddTo(command);
        foreach (Option option in new Option[] { fleet, functions, seed, keepAlive, coldStart, shift }) command.Add(option);
        command.SetAction((parsed, cancel) =>
        {
            WorkerOptions options = new()
            {
                Seed = (ulong)parsed.GetValue(seed),
                KeepAlive = TimeSpan.FromMinutes(parsed.GetValue(keepAlive)),
                ColdStartS = parsed.GetValue(coldStart),
                TraceShift = TimeSpan.FromMilliseconds(parsed.GetValue(shift)),
            };
            FleetTrace trace = FleetTrace.Load(parsed.GetValue(fleet)!);
            return DispatcherService.RunAsync(service, parsed, WorkerTopology.Create(trace, FunctionTrace.Load(parsed.GetValue(functions)!), options), cancel);
        });
        return command;
    }
}
