using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary><c>side</c>: one side in this process; started by <c>throughput</c>.</summary>
internal static class SideCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "Which side" };
    private static readonly Option<string?> Kafka = CommonOptions.Kafka();
    private static readonly Option<string> Group = new("--group") { Description = "Consumer group", Required = true };
    private static readonly Option<int> Records = CommonOptions.Int("--records", "Records in the topic", 1, 1, int.MaxValue);

    public static Command Create()
    {
        Command command = new("side", "Runs one side of the throughput benchmark.") { Hidden = true };
        command.Add(Name);
        foreach (Option option in new Option[] { Kafka, Group, Records }) command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            KafkaConnection kafka = KafkaConnection.FromOptions(parsed.GetValue(Kafka), null);
            Console.WriteLine(await Sides.RunAsync(parsed.GetValue(Name)!, kafka, parsed.GetValue(Group)!, parsed.GetValue(Records), cancel));
            return 0;
        });
        return command;
    }

    public static string[] Arguments(string side, KafkaConnection kafka, string group, int records) =>
        ["side", side, "--kafka", kafka.BootstrapServers, "--group", group, "--records", records.ToString(System.Globalization.CultureInfo.InvariantCulture)];
}
