using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.Restore;

/// <summary><c>restore</c>: from the start of a service to its first record, with days of state to have back.</summary>
internal static class RestoreCommand
{
    private static readonly Option<int> Vms = CommonOptions.Int("--vms", "VMs of the fleet", 1000, 1, 50_000);
    private static readonly Option<int> Cells = CommonOptions.Int("--cells", "Cells that they are in", 1, 1, 8);
    private static readonly Option<double> Days = CommonOptions.Double("--days", "Days of steps of 5 minutes", 3, .1, 14);
    private static readonly Option<int> Repetitions = CommonOptions.Int("--repetitions", "Starts that are measured", 3, 1, 100);

    public static Command Create()
    {
        Command command = new("restore", "Time that the processors take to have their state back after a kill.") { Vms, Cells, Days, Repetitions };
        command.SetAction((parsed, cancel) =>
            new RestoreRun(parsed.GetValue(Vms), parsed.GetValue(Cells), parsed.GetValue(Days), parsed.GetValue(Repetitions)).RunAsync(cancel));
        return command;
    }
}
