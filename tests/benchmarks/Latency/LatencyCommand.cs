using System.CommandLine;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.Latency;

/// <summary><c>latency</c>: from invocation to a dispatch that a read-committed reader sees.</summary>
internal static class LatencyCommand
{
    private static readonly Option<int> Rate = CommonOptions.Int("--rate", "Calls a second", 500, 1, 100_000);
    private static readonly Option<int> Vms = CommonOptions.Int("--vms", "VMs with predictions", 100, 1, 1000);
    private static readonly Option<int> Functions = CommonOptions.Int("--functions", "Functions that are called", 50, 1, 10_000);
    private static readonly Option<TimeSpan> Duration = CommonOptions.Duration("--duration", "How long is measured", TimeSpan.FromSeconds(60));
    private static readonly Option<TimeSpan> WarmUp = CommonOptions.Duration("--warm-up", "How long calls are sent before; a broker that was just started compiles itself for about a minute", TimeSpan.FromSeconds(60));

    public static Command Create()
    {
        Command command = new("latency", "Time from an invocation to its committed dispatch.");
        foreach (Option option in new Option[] { Rate, Vms, Functions, Duration, WarmUp }) command.Add(option);
        command.SetAction((parsed, cancel) => new LatencyRun(new LatencyOptions
        {
            Rate = parsed.GetValue(Rate),
            Vms = parsed.GetValue(Vms),
            Functions = parsed.GetValue(Functions),
            Duration = parsed.GetValue(Duration),
            WarmUp = parsed.GetValue(WarmUp),
        }).RunAsync(cancel));
        return command;
    }
}
