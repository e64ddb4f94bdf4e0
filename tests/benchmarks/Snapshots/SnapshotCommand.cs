using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.Snapshots;

/// <summary><c>snapshot</c>: from the reports of a step to the bytes of its snapshot, part by part, without Kafka.</summary>
internal static class SnapshotCommand
{
    private const int Past = 900, Measured = 24;

    private static readonly Option<int[]> Sizes = new("--sizes") { Description = "VMs", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [10_000, 50_000] };
    private static readonly Option<int> Seed = CommonOptions.Int("--seed", "Seed of the fleet", 1, 0, int.MaxValue);

    public static Command Create()
    {
        Command command = new("snapshot", "From the reports of a step to the bytes of its snapshot, part by part, without Kafka.") { Sizes, Seed };
        command.SetAction(async (parsed, cancel) =>
        {
            string file = Path.GetTempFileName();
            try
            {
                foreach (int vms in parsed.GetValue(Sizes)!)
                {
                    StepFleet.Write(file, vms, Past + Measured + 2, parsed.GetValue(Seed));
                    GC.Collect();
                    string[] arguments = [SnapshotSideCommand.Name, "--source", file, "--vms", Text(vms), "--past", Text(Past), "--steps", Text(Measured)];
                    Console.Write(await ChildProcess.RunSelfAsync(arguments, cancel));
                }
                return 0;
            }
            finally
            {
                File.Delete(file);
            }
        });
        return command;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
