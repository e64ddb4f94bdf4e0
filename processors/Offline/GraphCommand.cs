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
        Option<DirectoryInfo> trace = new("--trace") { Description = "Folder with a fleet's trace: vms.csv, cpu_pct.csv[.gz] and so on (infra/Traces)", Required = true, HelpName = "DIR" };
        trace.AcceptExistingOnly();
        Option<DirectoryInfo> to = new("--out") { Description = "Folder for edges.csv, communities.csv, events.csv, patterns.csv and graph.html", Required = true, HelpName = "DIR" };
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the community detection", 1, 0, int.MaxValue);
        Command command = new("graph", "Shows a trace's similarity graph, its communities over time and its patterns.") { trace, to, seed };
        command.SetAction((parsed, cancel) =>
        {
            Run(parsed.GetRequiredValue(trace), parsed.GetRequiredValue(to), new StepOptions { Seed = parsed.GetValue(seed) }, parsed.InvocationConfiguration.Output, cancel);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Run(DirectoryInfo folder, DirectoryInfo to, StepOptions options, TextWriter output, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        FleetTrace trace = FleetTrace.Load(folder);
        GraphRun run = new(trace, options);
        int graphs = 0; double q = 0; int alone = 0, comm = 0; Dictionary<string,int> kinds = [];
        run.Run(m => { graphs++; foreach (var e in m.Communities.Events) kinds[e.Kind.ToString()] = kinds.GetValueOrDefault(e.Kind.ToString()) + 1;
          var sizes = m.Communities.Ids.GroupBy(x=>x).Select(g=>g.Count()).ToList(); alone += sizes.Count(x=>x==1); comm += sizes.Count(x=>x>1); q += m.Communities.Modularity; }, _ => { }, cancel);
        output.WriteLine($"graphs {graphs} compared {run.Churn.Compared} changed {run.Churn.Changed} nocause {run.Churn.WithoutCause} s {Stopwatch.GetElapsedTime(started).TotalSeconds} alone {alone/(double)graphs:0.0} Q {q/graphs:0.0000} communities {comm/(double)graphs:0.0} {string.Join(' ', kinds)}");
    }
}
