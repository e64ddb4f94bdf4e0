using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Processors.TimeAware;

/// <summary>The verb <c>advise changes</c>: how many planted changes are found, and how often one is told where none was planted.</summary>
internal static class ChangesCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static Command Create()
    {
        Option<DirectoryInfo> trace = CommonOptions.Folder("--trace", "Folder with a fleet's trace");
        trace.Required = true;
        Option<double> days = CommonOptions.Double("--days", "Last days of the trace, in the first five ninths of which changes are planted", 9, .5, 365);
        Option<int> perKind = CommonOptions.Int("--per-kind", "VMs that get a change of each of the three kinds", 50, 0, 10_000);
        Option<double> shift = CommonOptions.Double("--shift", "Load that a level shift adds, share", .3, .01, 1);
        Option<int> seed = CommonOptions.Int("--seed", "Which VMs, and when", 7, 0, int.MaxValue);
        Option<DirectoryInfo?> to = new("--out") { Description = "Folder for changes.json", HelpName = "DIR" };
        Option<string> zone = AdviseOptions.Zone();
        Option<int> slotMinutes = AdviseOptions.SlotMinutes();
        Command command = new("changes", "Plants changes in a trace, and counts those that are found and those that are told where there are none.") { trace, days, perKind, shift, seed, to, zone, slotMinutes };
        command.SetAction((parsed, cancel) =>
        {
            FleetTrace fleet = FleetTrace.Load(parsed.GetRequiredValue(trace));
            int judged = (int)(parsed.GetValue(days) * TimeSpan.MillisecondsPerDay / fleet.SlotMs);
            if (judged * 3 > fleet.SlotCount * 2) throw new UserException($"--days {parsed.GetValue(days)} leave less than a third of the trace to learn from: give fewer, or a longer trace");
            if (parsed.GetValue(perKind) * 3 > fleet.Vms.Count) throw new UserException($"--per-kind {parsed.GetValue(perKind)} wants three times as many VMs, and the trace has {fleet.Vms.Count}");
            ChangesOptions options = new()
            {
                First = fleet.SlotCount - judged,
                PerKind = parsed.GetValue(perKind),
                Shift = parsed.GetValue(shift),
                Seed = (ulong)parsed.GetValue(seed),
                Zone = parsed.GetValue(zone)!,
                SlotMinutes = parsed.GetValue(slotMinutes),
            };
            ChangesResult result = new PlantedChanges(fleet, options).Run(cancel);
            if (parsed.GetValue(to) is { } folder) Files.Write(new FileInfo(Path.Combine(folder.FullName, "changes.json")), JsonSerializer.Serialize(result, Json) + "\n");
            Tell(parsed.InvocationConfiguration.Output, result);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Tell(TextWriter output, ChangesResult result)
    {
        foreach (PlantedKind kind in result.Planted)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Kind,-10} found {kind.Found} of {kind.Planted}; hours until found: median {kind.HoursUntilFound:0.#}, 90 % {kind.HoursUntilFound90:0.#}; start off by {kind.StartOffHours:0.#} h"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"where none was planted: {result.FalsePer100VmDays:0.0} told per 100 VM-days ({result.VmDays:0} VM-days; {string.Join(", ", result.FalseByKind.Select(k => $"{k.Key} {k.Value}"))})"));
    }
}
