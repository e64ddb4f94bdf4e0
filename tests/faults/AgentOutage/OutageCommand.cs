using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Faults.AgentOutage;

/// <summary><c>agent</c>: a broker that is away, and agents that are killed meanwhile.</summary>
internal static class OutageCommand
{
    public static Command Create()
    {
        OutageOptions defaults = new();
        Option<TimeSpan> outage = CommonOptions.Duration("--outage", "How long the broker is away", defaults.Outage);
        Option<int> kills = CommonOptions.Int("--kills", "Kills of each agent meanwhile", defaults.Kills, 0, 100_000);
        Option<int> agents = CommonOptions.Int("--agents", "Agents; the last of several has a spool that is too small", defaults.Agents, 1, 100);
        Option<double> interval = CommonOptions.Double("--interval", "Seconds between two reports", defaults.Interval.TotalSeconds, 1, 3600);
        Option<double> small = CommonOptions.Double("--small-spool-mb", "Size of the spool that is too small, MiB", defaults.SmallSpoolMegabytes, .0625, 1024);
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the moments of the kills", defaults.Seed, 0, int.MaxValue);
        Command command = new("agent", "Takes the broker away from agents, kills them again and again meanwhile, and looks whether every report arrived or is accounted for.") { outage, kills, agents, interval, small, seed };
        command.SetAction(async (parsed, cancel) =>
        {
            OutageResult result = await new OutageRun(
                new OutageOptions
                {
                    Outage = parsed.GetValue(outage),
                    Kills = parsed.GetValue(kills),
                    Agents = parsed.GetValue(agents),
                    Interval = TimeSpan.FromSeconds(parsed.GetValue(interval)),
                    SmallSpoolMegabytes = parsed.GetValue(small),
                    Seed = parsed.GetValue(seed),
                },
                TextWriter.Synchronized(Console.Error)).RunAsync(cancel);
            Console.WriteLine(result);
            return result.Passed ? 0 : 1;
        });
        return command;
    }
}
