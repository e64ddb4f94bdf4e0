using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;

namespace Pipeline.Ingest.Agent.Cadence;

/// <summary><c>ingest cadence</c>: what adaptive reporting would save on a trace, and what it would cost.</summary>
internal static class CadenceCommand
{
    private static readonly double[] Tolerances = [.01, .02, .05, .1];
    private static readonly int[] Limits = [3, 6, 12];

    public static Command Create()
    {
        Option<DirectoryInfo?> trace = new("--trace") { Description = "Fleet trace; without it the Google extract that comes with the program", HelpName = "DIR" };
        OptionValidation.AcceptExistingOnly(trace!);
        Option<int> ahead = CommonOptions.Int("--ahead", "Slots ahead that the last value is a forecast for", 6, 1, 288);
        Command command = new("cadence", "Tries adaptive reporting on a trace: reports saved, accuracy lost.") { trace, ahead };
        command.SetAction(parsed => Run(FleetTrace.Load(parsed.GetValue(trace) ?? CommittedTraces.Fleet), parsed.GetValue(ahead)));
        return command;
    }

    private static void Run(FleetTrace fleet, int ahead)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fleet.Vms.Count} VMs, {fleet.SlotCount} slots of {fleet.SlotMs / 1000} s; forecast {ahead} slots ahead by the last value"));
        Console.WriteLine("| tolerance | slots a report at most | reports sent | error of the present | busy, not seen | forecast error | with every report |");
        Console.WriteLine("|--:|--:|--:|--:|--:|--:|--:|");
        foreach (double tolerance in Tolerances)
        {
            foreach (int limit in Limits)
            {
                CadenceResult r = CadenceTrial.Run(fleet, new CadenceOptions { Tolerance = tolerance, PartsMax = limit }, ahead);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {tolerance:.00} | {limit} | {r.ReportShare:P1} | {r.PresentError:.0000} | {r.BusyUnseen:P2} | {r.ForecastError:.0000} | {r.FullForecastError:.0000} |"));
            }
        }
    }
}
