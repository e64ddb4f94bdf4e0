using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Processors.TimeAware;

/// <summary>The verb <c>advise backtest</c>.</summary>
internal static class BacktestCommand
{
    /// <summary>Judged by default.</summary>
    private const int DaysJudged = 9;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static Command Create()
    {
        Option<DirectoryInfo> trace = CommonOptions.Folder("--trace", "Folder with a fleet's trace: vms.csv, cpu_pct.csv[.gz] and so on");
        trace.Required = true;
        Option<string?> slots = new("--slots") { Description = "Slots of the trace that are judged, FIRST..LAST; the last nine days where it is not given, or the last two fifths of a shorter trace", HelpName = "A..B" };
        Option<DirectoryInfo> to = new("--out") { Description = "Folder for backtest.json and backtest.html", Required = true, HelpName = "DIR" };
        Option<string> zone = AdviseOptions.Zone();
        Option<int> slotMinutes = AdviseOptions.SlotMinutes();
        Command command = new("backtest", "Judges profiles, forecasts and scaling advice on a trace, beside simple rules.") { trace, slots, to, zone, slotMinutes };
        command.SetAction((parsed, cancel) =>
        {
            DirectoryInfo folder = parsed.GetRequiredValue(trace);
            FleetTrace fleet = FleetTrace.Load(folder);
            BacktestOptions options = Options(fleet, parsed.GetValue(slots), parsed.GetValue(zone)!, parsed.GetValue(slotMinutes));
            Run(folder.Name, fleet, options, parsed.GetRequiredValue(to), parsed.InvocationConfiguration.Output, cancel);
            return Task.FromResult(0);
        });
        slots.Validators.Add(result =>
        {
            string text = result.Tokens[0].Value;
            if (Range(text) is null) result.AddError($"--slots is '{text}'; two slot numbers from 0, the first not above the last, such as 6048..8639, are wanted");
        });
        return command;
    }

    /// <exception cref="UserException">The trace is too short, or has no such slots.</exception>
    internal static BacktestOptions Options(FleetTrace trace, string? slots, string zone, int slotMinutes)
    {
        int day = (int)(TimeSpan.MillisecondsPerDay / trace.SlotMs), hour = Math.Max(1, day / 24);
        if (trace.SlotMs > slotMinutes * 60_000L || slotMinutes * 60_000L % trace.SlotMs != 0)
            throw new UserException($"the trace's slots of {trace.SlotMs / 1000} s do not fit into profile slots of {slotMinutes} minutes; give another --profile-slot, or a trace whose slots divide it");
        (int first, int last) = slots is null ? Default(trace.SlotCount, day, hour) : Range(slots)!.Value;
        if (last >= trace.SlotCount) throw new UserException($"--slots is {first}..{last}, but the trace has slots 0 to {trace.SlotCount - 1}");
        if (first < 2 * hour || last - first < 2 * hour)
            throw new UserException($"slots {first}..{last} leave too little: at least two hours before the first to learn from, and two hours to judge, are wanted (an hour is {hour} slots of this trace, which has {trace.SlotCount})");
        return new BacktestOptions { First = first, Last = last, Zone = zone, SlotMinutes = slotMinutes, BootSteps = (int)Math.Max(1, Math.Ceiling(600_000.0 / trace.SlotMs)) };
    }

    private static (int First, int Last) Default(int count, int day, int hour) =>
        (count > 2 * DaysJudged * day ? count - (DaysJudged * day) : count * 3 / 5 / hour * hour, count - 1);

    private static (int First, int Last)? Range(string text) =>
        text.Split("..") is [string a, string b] && int.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out int last) && first <= last ? (first, last) : null;

    private static void Run(string name, FleetTrace trace, BacktestOptions options, DirectoryInfo to, TextWriter output, CancellationToken cancel)
    {
        Backtest test = new(trace, options, cancel);
        BacktestResult result = test.Run(name, cancel);
        Files.Write(new FileInfo(Path.Combine(to.FullName, "backtest.json")), JsonSerializer.Serialize(result, Json) + "\n");
        FileInfo page = new(Path.Combine(to.FullName, "backtest.html"));
        Files.Guard(page, () => BacktestReport.Make(test, result, trace, options).Write(page));
        foreach (string note in result.Notes) output.WriteLine("note: " + note);
        output.WriteLine($"{"method",-12} {"window_right",12} {"varying",8} {"coverage_80",11} {"coverage_95",11} {"shortage_minutes",16} {"wasted_core_hours",17} {"at equal cost",13}");
        foreach ((string method, MethodResult r) in result.Methods)
            output.WriteLine($"{method,-12} {Percent(r.WindowRight),12} {Percent(r.WindowRightVarying),8} {Percent(r.Coverage80),11} {Percent(r.Coverage95),11} {Number(r.ShortageMinutes),16} {Number(r.WastedCoreHours),17} {Number(r.ShortageMinutesAtEqualCost),13}");
        output.WriteLine(page.FullName);
    }

    private static string Percent(double? share) => share is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s * 100:0.0} %") : "-";

    private static string Number(double? value) => value is { } v ? v.ToString("0", CultureInfo.InvariantCulture) : "-";
}
