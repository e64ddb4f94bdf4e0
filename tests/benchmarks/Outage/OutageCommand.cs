using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.Outage;

/// <summary><c>outage</c>: what the time-series writer loses, repeats and holds in memory while the store is away.</summary>
internal static class OutageCommand
{
    private static readonly Option<double> Minutes = CommonOptions.Double("--minutes", "For how long the store is away", 10, .1, 600);
    private static readonly Option<int> Rate = CommonOptions.Int("--rate", "Points sent a second, all the time", 500, 1, 20_000);

    public static Command Create()
    {
        Command command = new("outage", "Kills an InfluxDB 1.x under the time-series writer, starts it again later, and counts points and memory.") { Minutes, Rate };
        command.SetAction((parsed, cancel) => new OutageRun(TimeSpan.FromMinutes(parsed.GetValue(Minutes)), parsed.GetValue(Rate)).RunAsync(cancel));
        return command;
    }
}
