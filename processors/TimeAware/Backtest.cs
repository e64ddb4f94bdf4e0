using Pipeline.Infra.Traces;

namespace Pipeline.Processors.TimeAware;

/// <summary>Feeds a trace as it came and judges what was said before each slot by what came then.</summary>
internal sealed class Backtest
{
    private readonly TraceFeed feed;
    private readonly BacktestOptions options;
    private readonly SlotClock clock;
    private readonly IReadOnlyList<(string Vm, uint Community)> members;

    public Backtest(FleetTrace trace, BacktestOptions options, CancellationToken cancel)
    {
        (feed, this.options) = (new TraceFeed(trace), options);
        clock = new SlotClock(options.SlotMinutes, options.Zone);
        members = feed.CommunitiesBefore(options.First, cancel);
        Dictionary<string, int> column = trace.Vms.Select((vm, i) => (vm, i)).ToDictionary(v => v.vm, v => v.i, StringComparer.Ordinal);
        Groups =
        [
            GroupSeries.Of(trace, TraceFeed.Cell, 0, [.. Enumerable.Range(0, trace.Vms.Count)]),
            .. members.GroupBy(m => m.Community).Where(g => g.Key != 0 && g.Count() >= CellOutlook.CommunityVmsMin).OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
                .Take(CellOutlook.CommunitiesMax).Select(g => GroupSeries.Of(trace, $"{TraceFeed.Cell}/{g.Key}", g.Key, [.. g.Select(m => column[m.Vm])])),
        ];
        int slotSteps = (int)Math.Max(1, clock.SlotMs / trace.SlotMs);
        Windows = new WindowTest(trace, clock, options);
        Coverage = new CoverageTest(Groups, clock, slotSteps);
        Scaling = new ScalingTest(Groups, options, slotSteps, trace.SlotMs / 3_600_000.0);
    }

    /// <summary>The cell, then its communities.</summary>
    public IReadOnlyList<GroupSeries> Groups { get; }

    public WindowTest Windows { get; }

    public CoverageTest Coverage { get; }

    public ScalingTest Scaling { get; }

    public BacktestResult Run(string name, CancellationToken cancel)
    {
        FleetTrace trace = feed.Trace;
        CellOutlook cell = new(TraceFeed.Cell, clock, options.Profile);
        cell.SetCommunities(members);
        for (int slot = 0; slot <= options.Last; slot++)
        {
            cancel.ThrowIfCancellationRequested();
            if (cell.Feed(feed.EndUnixMs(slot), feed.At(slot))) Judge(cell, slot + 1);
            Scaling.Plan(slot, g => Of(cell, g), s => clock.SlotOf(trace.SlotStartUnixMs(s)));
        }
        Dictionary<string, MethodResult> results = Methods.All.ToDictionary(m => m, _ => new MethodResult());
        Windows.Report(results);
        Coverage.Report(results);
        Scaling.Report(results);
        return new BacktestResult
        {
            Trace = name,
            Zone = clock.Zone,
            FirstSlot = options.First,
            LastSlot = options.Last,
            Vms = trace.Vms.Count,
            Communities = Groups.Count - 1,
            VmDays = Windows.VmDays,
            VaryingVmDays = Windows.Varying,
            Methods = results,
            Notes = [.. Notes(trace)],
        };
    }

    private void Judge(CellOutlook cell, int slot)
    {
        bool judged = slot >= options.First;
        Coverage.Judge(slot, g => Of(cell, g), options.Last, judged);
        if (judged && clock.BeginsDay(cell.Now + 1)) Windows.Judge(cell, slot);
    }

    private static GroupOutlook? Of(CellOutlook cell, GroupSeries group) => group.Community == 0 ? cell.Whole : cell.Communities.GetValueOrDefault(group.Community);

    private IEnumerable<string> Notes(FleetTrace trace)
    {
        if (options.First < 14 * feed.StepsPerDay) yield return $"only {options.First / (double)feed.StepsPerDay:0.0} days before the judged part to learn from: two weeks are wanted for a profile of the week";
        if (Windows.VmDays == 0) yield return "no whole day within the judged part: windows were not judged";
        if (Groups.Count == 1) yield return "no communities were found before the judged part: only the cell was judged";
        if (trace.Memory is null) yield return "the trace has no memory: only CPU was looked at";
    }
}
