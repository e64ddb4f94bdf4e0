using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Processors.Windows;

namespace Pipeline.Processors.Offline;

/// <summary>The verb <c>graph</c>: a trace folder in, tables and a page out.</summary>
internal static class GraphCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo> trace = new("--trace") { Description = "Folder with a fleet's trace: vms.csv, cpu_pct.csv[.gz] and so on", Required = true, HelpName = "DIR" };
        trace.AcceptExistingOnly();
        Option<DirectoryInfo> to = new("--out") { Description = "Folder for edges.csv, communities.csv, events.csv, patterns.csv and graph.html", Required = true, HelpName = "DIR" };
        Option<int> refresh = CommonOptions.Int("--refresh", "The graph is made anew every so many steps", new StepOptions().RefreshSteps, 1, StepOptions.RefreshStepsMax);
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the community detection", 1, 0, int.MaxValue);
        Command command = new("graph", "Shows a trace's similarity graph, its communities over time and its patterns.") { trace, to, refresh, seed };
        command.SetAction((parsed, cancel) =>
        {
            StepOptions options = new() { Seed = parsed.GetValue(seed), RefreshSteps = parsed.GetValue(refresh) };
            Run(parsed.GetRequiredValue(trace), parsed.GetRequiredValue(to), options, parsed.InvocationConfiguration.Output, cancel);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Run(DirectoryInfo folder, DirectoryInfo to, StepOptions options, TextWriter output, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        FleetTrace trace = FleetTrace.Load(folder);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder.Name}: {trace.Vms.Count} VMs, {trace.SlotCount} slots of {trace.SlotMs / 1000} s"));
        GraphRun run = new(trace, options);
        GraphReport report = new(trace);
        int graphs = 0, events = 0, patterns = 0;
        using (GraphFiles files = new(to, trace.SlotMs))
        {
            run.Run(
                moment =>
                {
                    files.Add(moment);
                    report.Add(moment);
                    (graphs, events, patterns) = (graphs + 1, events + moment.Communities.Events.Count, patterns + (moment.Patterns?.Found.Count ?? 0));
                },
                slot => Tell(output, slot, trace.SlotCount, started),
                cancel);
        }
        FileInfo page = new(Path.Combine(to.FullName, "graph.html"));
        try
        {
            report.ToHtml(folder.Name, run.Churn).Write(page);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{page.FullName} cannot be written: {e.Message}", e);
        }
        output.WriteLine(page.FullName);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"vms={trace.Vms.Count} graphs={graphs} events={events} patterns={patterns} changes={run.Churn.Changed} without-cause={run.Churn.WithoutCause} vm-graphs={run.Churn.Compared} seconds={Stopwatch.GetElapsedTime(started).TotalSeconds:0.0}"));
    }

    /// <summary>Ten lines over the whole.</summary>
    private static void Tell(TextWriter output, int slot, int slots, long started)
    {
        if (slot == 0 || slot * 10 / slots == (slot - 1) * 10 / slots) return;
        TimeSpan taken = Stopwatch.GetElapsedTime(started);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{slot * 100 / slots,3} %, {taken.TotalSeconds:0} s, {taken.TotalSeconds * (slots - slot) / slot:0} s left"));
    }
}
