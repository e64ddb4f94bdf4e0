using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Tests.Faults.AgentOutage;
using Pipeline.Tests.Faults.Faults;

namespace Pipeline.Tests.Faults;

/// <summary>The program: injects faults, and ends with 1 when one of them made something lost, double or different.</summary>
internal static class FaultsCommand
{
    private const string All = "all";

    public static RootCommand Create()
    {
        RunOptions defaults = new();
        Option<string> fault = new("--fault")
        {
            Description = "Fault to inject: " + All + ", or one of\n" + string.Join('\n', FaultCatalog.All.Select(f => $"{f.Name}: {f.Description}")) + "\n",
            HelpName = "NAME",
            DefaultValueFactory = _ => All,
        };
        fault.AcceptOnlyFromAmong([All, .. FaultCatalog.All.Select(f => f.Name)]);
        Option<int> times = CommonOptions.Int("--times", "Injections of each fault; 0: as many as each does by itself", 0, 0, 1_000_000);
        Option<int> seconds = CommonOptions.Int("--seconds", "Load lasts at least so long", defaults.Seconds, 1, 86_400);
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the injections", defaults.Seed, 0, int.MaxValue);
        Option<bool> list = new("--list") { Description = "Print the faults and end" };
        Option<DirectoryInfo?> logs = new("--logs") { Description = "Folder for what the services say", HelpName = "DIR" };
        RootCommand root = new("Injects faults into the services on a real Kafka, and compares all that they wrote with what they should have written.") { fault, times, seconds, seed, list, logs, OutageCommand.Create() };
        root.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(list))
            {
                foreach (Fault known in FaultCatalog.All) Console.WriteLine($"{known.Name,-18} {known.Description}");
                return 0;
            }
            RunOptions options = new()
            {
                Times = parsed.GetValue(times) is > 0 and int wanted ? wanted : null,
                Seconds = parsed.GetValue(seconds),
                Seed = parsed.GetValue(seed),
                Logs = parsed.GetValue(logs),
            };
            bool passed = true;
            foreach (string name in FaultCatalog.All.Select(f => f.Name).Where(n => parsed.GetValue(fault) is All || parsed.GetValue(fault) == n))
            {
                await using Fault injected = FaultCatalog.Create(name);
                FaultResult result = await new FaultRun(injected, options, Console.Error).RunAsync(cancel);
                Console.WriteLine(result);
                passed &= result.Passed;
            }
            return passed ? 0 : 1;
        });
        return root;
    }
}
