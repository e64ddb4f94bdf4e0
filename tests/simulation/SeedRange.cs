using System.Globalization;
using System.Text;
using Pipeline.Tests.Simulation.Checks;
using Pipeline.Tests.Simulation.Faults;
using Pipeline.Tests.Simulation.World;

namespace Pipeline.Tests.Simulation;

/// <summary>Runs many seeds, several at once; each is a world of its own.</summary>
public sealed class SeedRange(int first, int count, int threads, Sabotage sabotage = Sabotage.None, Action<string>? log = null)
{
    private readonly Lock gate = new();
    private readonly List<(int Seed, IReadOnlyList<Anomaly> Anomalies)> failed = [];

    /// <summary>Seeds with anomalies.</summary>
    public IReadOnlyList<(int Seed, IReadOnlyList<Anomaly> Anomalies)> Failed => failed;

    public SeedTotals Totals { get; private set; } = new(0, 0, 0, 0);

    /// <summary>Runs them all.</summary>
    /// <param name="progress">Called after each seed.</param>
    /// <param name="cancel">Ends it between two seeds.</param>
    public void Run(Action<SeedTotals> progress, CancellationToken cancel) =>
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel }, seed =>
        {
            RunResult result = new SimulatedWorld(seed, sabotage: sabotage) { Log = log }.Run();
            lock (gate)
            {
                Totals = new SeedTotals(Totals.Seeds + 1, Totals.Inputs + result.Inputs, Totals.Crashes + result.Crashes, Totals.Restarts + result.Restarts);
                if (result.Anomalies.Count > 0) failed.Add((seed, result.Anomalies));
                progress(Totals);
            }
        });

    /// <summary>The first failed seeds, what was wrong, and the command that runs each again.</summary>
    public string Report()
    {
        const int Shown = 5;
        StringBuilder text = new();
        foreach ((int seed, IReadOnlyList<Anomaly> anomalies) in failed.OrderBy(f => f.Seed).Take(Shown))
        {
            string broken = sabotage == Sabotage.None ? "" : $" --sabotage {sabotage}";
            text.AppendLine(CultureInfo.InvariantCulture, $"seed {seed} fails: dotnet run -c Release --project tests/simulation -- --seed {seed} --seeds 1 --verbose{broken}");
            foreach (Anomaly anomaly in anomalies.Take(Shown)) text.AppendLine(CultureInfo.InvariantCulture, $"  {anomaly.Kind}: {anomaly.What}");
        }
        return text.ToString();
    }
}
