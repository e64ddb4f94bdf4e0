using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary><c>throughput</c>: all sides on the same topic of one broker.</summary>
internal static class ThroughputCommand
{
    private static readonly Option<int> Records = CommonOptions.Int("--records", "Reports in vm.metrics", 2_000_000, 1000, 100_000_000);
    private static readonly Option<int> Vms = CommonOptions.Int("--vms", "VMs of the fleet", 10_000, 1, 1_000_000);
    private static readonly Option<int> Cells = CommonOptions.Int("--cells", "Cells of the fleet, dealt out over 4 partitions", 8, 1, 100);
    private static readonly Option<double> Interval = CommonOptions.Double("--interval", "Seconds between two reports of a VM", 10, .1, 3600);
    private static readonly Option<int> Repetitions = CommonOptions.Int("--repetitions", "How often each side runs; sides alternate", 5, 1, 100);
    private static readonly Option<string[]> Only = new("--side") { Description = "Only these sides", DefaultValueFactory = _ => Sides.All, AllowMultipleArgumentsPerToken = true };

    public static Command Create()
    {
        Command command = new("throughput", "Reports to steps: this pipeline, a bare consume loop and Kafka Streams, on the same records.");
        Only.AcceptOnlyFromAmong(Sides.All);
        foreach (Option option in new Option[] { Records, Vms, Cells, Interval, Repetitions, Only }) command.Add(option);
        command.SetAction((parsed, cancel) => new ThroughputRun(
            new ReportFleet(parsed.GetValue(Vms), parsed.GetValue(Cells), (int)(parsed.GetValue(Interval) * 1000)),
            parsed.GetValue(Records),
            parsed.GetValue(Repetitions),
            [.. Sides.All.Intersect(parsed.GetValue(Only)!)]).RunAsync(cancel));
        return command;
    }
}
