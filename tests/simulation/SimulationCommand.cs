using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Tests.Simulation.Faults;

namespace Pipeline.Tests.Simulation;

/// <summary>The program: runs seeds, one or many.</summary>
internal static class SimulationCommand
{
    public static RootCommand Create()
    {
        Option<int> seed = CommonOptions.Int("--seed", "First seed", 0, 0, int.MaxValue / 2);
        Option<int> seeds = CommonOptions.Int("--seeds", "Seeds to run", 10_000, 1, 100_000_000);
        Option<int> threads = CommonOptions.Int("--threads", "Runs at once", Environment.ProcessorCount, 1, 1024);
        Option<Sabotage> sabotage = new("--sabotage") { Description = "Break something on purpose, to see that it is found", DefaultValueFactory = _ => Sabotage.None };
        Option<bool> verbose = new("--verbose") { Description = "Tell what happens; meant for one seed" };
        RootCommand root = new("Runs the real services over a simulated Kafka with crashes, cuts, pauses, time-outs of unknown outcome and poison, and checks what comes out. A seed is a whole run.")
        {
            seed, seeds, threads, sabotage, verbose,
        };
        root.SetAction((parsed, cancel) => Task.FromResult(Run(parsed.GetValue(seed), parsed.GetValue(seeds), parsed.GetValue(threads), parsed.GetValue(sabotage), parsed.GetValue(verbose), cancel)));
        return root;
    }

    private static int Run(int first, int count, int threads, Sabotage sabotage, bool verbose, CancellationToken cancel)
    {
        long started = TimeProvider.System.GetTimestamp();
        SeedRange range = new(first, count, threads, sabotage, verbose ? Console.WriteLine : null);
        range.Run(done =>
        {
            if (done.Seeds % 1000 == 0) Line($"{done.Seeds} seeds, {done.Inputs} records processed, {done.Crashes} crashes, {done.Restarts} restarts");
        }, cancel);
        SeedTotals totals = range.Totals;
        Console.Write(range.Report());
        Line($"seeds={totals.Seeds} failed={range.Failed.Count} records={totals.Inputs} crashes={totals.Crashes} restarts={totals.Restarts} seconds={TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0}");
        return range.Failed.Count == 0 ? 0 : 1;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
