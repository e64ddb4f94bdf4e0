using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.Influx;

/// <summary><c>influx</c>: points a second into a server that answers 204, and into a real InfluxDB 1.x, beside a plain loop.</summary>
internal static class InfluxCommand
{
    private static readonly Option<int> Vms = CommonOptions.Int("--vms", "Series", 1000, 1, 100_000);
    private static readonly Option<int> Points = CommonOptions.Int("--points", "Points of a run", 500_000, 1000, 10_000_000);
    private static readonly Option<int> Repetitions = CommonOptions.Int("--repetitions", "Runs of each side; sides alternate", 3, 1, 100);

    public static Command Create()
    {
        Command command = new("influx", "Points a second into a server that answers 204, and into an InfluxDB 1.x where influxd is on the path, beside a plain loop.") { Vms, Points, Repetitions };
        command.SetAction((parsed, cancel) => new InfluxRun(parsed.GetValue(Vms), parsed.GetValue(Points), parsed.GetValue(Repetitions)).RunAsync(cancel));
        return command;
    }
}
