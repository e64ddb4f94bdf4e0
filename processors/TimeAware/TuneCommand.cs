using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Processors.TimeAware;

/// <summary>
/// The verb <c>advise tune</c>: tries other values of each constant of <see cref="ProfileOptions"/> on some days of one or more traces, one at a
/// time from the defaults on, and keeps what chooses more quiet windows on the VM-days that vary. The days should end before what a back-test judges.
/// </summary>
internal static class TuneCommand
{
    private static readonly (string Name, double[] Values, Func<ProfileOptions, double, ProfileOptions> With)[] Constants =
    [
        ("HalfLifeDays", [5, 20], (o, v) => o with { HalfLifeDays = v }),
        ("WeightOfKind", [2, 12], (o, v) => o with { WeightOfKind = v }),
        ("WeightOfHour", [2, 12], (o, v) => o with { WeightOfHour = v }),
        ("WeightOfAll", [1, 8], (o, v) => o with { WeightOfAll = v }),
        ("DeviationHours", [2, 12], (o, v) => o with { DeviationHours = v }),
        ("FadeHours", [5, 20], (o, v) => o with { FadeHours = v }),
        ("Alike", [0, .005, .02], (o, v) => o with { Alike = v }),
    ];

    public static Command Create()
    {
        Option<DirectoryInfo[]> traces = new("--trace") { Description = "Folder with a fleet's trace; may be given several times", HelpName = "DIR", Required = true };
        traces.AcceptExistingOnly();
        Option<int> first = CommonOptions.Int("--first-day", "First day that is judged, from 1", 8, 2, 10_000);
        Option<int> last = CommonOptions.Int("--last-day", "Last day that is judged, in traces that are so long", 21, 2, 10_000);
        Option<string> zone = AdviseOptions.Zone();
        Option<int> slotMinutes = AdviseOptions.SlotMinutes();
        Command command = new("tune", "Tries other constants of profiles and forecasts on some days of one or more traces.") { traces, first, last, zone, slotMinutes };
        command.SetAction((parsed, cancel) =>
        {
            (FleetTrace, BacktestOptions)[] judged = [.. parsed.GetRequiredValue(traces).Select(folder =>
            {
                FleetTrace fleet = FleetTrace.Load(folder);
                int day = (int)(TimeSpan.MillisecondsPerDay / fleet.SlotMs), from = (parsed.GetValue(first) - 1) * day, to = Math.Min(parsed.GetValue(last), fleet.SlotCount / day) * day;
                if (to <= from) throw new UserException($"days {parsed.GetValue(first)} to {parsed.GetValue(last)} are not in the trace {folder.Name}, which has {fleet.SlotCount / day}");
                return (fleet, new BacktestOptions { First = from, Last = to - 1, Zone = parsed.GetValue(zone)!, SlotMinutes = parsed.GetValue(slotMinutes) });
            })];
            Search(judged, parsed.InvocationConfiguration.Output, cancel);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Search((FleetTrace Trace, BacktestOptions Options)[] judged, TextWriter output, CancellationToken cancel)
    {
        ProfileOptions best = ProfileOptions.Default;
        double mark = Try("default", best);
        foreach ((string name, double[] values, Func<ProfileOptions, double, ProfileOptions> with) in Constants)
        {
            ProfileOptions from = best;
            foreach (double value in values)
            {
                ProfileOptions tried = with(from, value);
                if (Try(string.Create(CultureInfo.InvariantCulture, $"{name} {value}"), tried) is var right && right > mark) (best, mark) = (tried, right);
            }
        }
        output.WriteLine($"best: {best}");

        // Each trace counts as much as the others, whatever its size.
        double Try(string name, ProfileOptions profile)
        {
            double[] varying = [.. judged.Select(j =>
            {
                WindowTest windows = Judge(j.Trace, j.Options with { Profile = profile }, cancel);
                Dictionary<string, MethodResult> results = Methods.All.ToDictionary(m => m, _ => new MethodResult());
                windows.Report(results);
                double right = results[Methods.Advise].WindowRightVarying ?? double.NaN;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20} window_right {results[Methods.Advise].WindowRight * 100:0.00} %, on {windows.Varying} varying VM-days {right * 100:0.00} %"));
                return right;
            })];
            return varying.Average();
        }
    }

    /// <summary>Windows alone: communities have no part in a VM's.</summary>
    private static WindowTest Judge(FleetTrace trace, BacktestOptions options, CancellationToken cancel)
    {
        TraceFeed feed = new(trace);
        SlotClock clock = new(options.SlotMinutes, options.Zone);
        WindowTest windows = new(trace, clock, options);
        CellOutlook cell = new(TraceFeed.Cell, clock, options.Profile);
        for (int slot = 0; slot <= options.Last; slot++)
        {
            cancel.ThrowIfCancellationRequested();
            if (cell.Feed(feed.EndUnixMs(slot), feed.At(slot)) && slot + 1 >= options.First && clock.BeginsDay(cell.Now + 1)) windows.Judge(cell, slot + 1);
        }
        return windows;
    }
}
