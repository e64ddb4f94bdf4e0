using Pipeline.Infra.Randomness;
using Pipeline.Processors.TimeAware;

namespace Pipeline.Tests.Unit.Processors.TimeAware;

public sealed class ChangeTests
{
    private const long Hour = 3_600_000;

    private static readonly SlotClock Clock = new();

    private static readonly long Start = Clock.SlotOf(SlotClockTests.Monday);

    [Fact]
    public void A_level_shift_is_found_within_hours_with_its_start_and_who_went_with_it()
    {
        List<SubjectChange> found = Run(days: 20, (h, v) => h >= 400 && v < 4 ? .35 : 0);
        SubjectChange community = Assert.Single(found, c => c.Vm is null && c.Community == 1 && c.Change.Kind == ChangeKind.LevelShift);
        Assert.InRange(community.Change.StartSlot - Start, 398, 402);
        Assert.InRange(community.Change.FoundSlot - Start, 401, 410);
        Assert.True(community.Change.Strength > 1);
        Assert.Equal(["vm0", "vm1", "vm2", "vm3"], community.With);
        Assert.Equal(community.With, found.Where(c => c.Vm is not null && c.Change.FoundSlot <= Start + 410).Select(c => c.Vm).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Silence_is_told_once_with_its_start()
    {
        List<SubjectChange> found = Run(days: 12, (h, v) => v == 7 && h is >= 200 and < 230 ? double.NaN : 0);
        SubjectChange silence = Assert.Single(found, c => c.Change.Kind == ChangeKind.Silence);
        Assert.Equal(("vm7", Start + 200), (silence.Vm, silence.Change.StartSlot));
        Assert.True(silence.Change.FoundSlot <= Start + 203);
    }

    [Fact]
    public void A_new_period_is_found_with_its_length()
    {
        List<SubjectChange> found = Run(days: 20, (h, v) => v == 5 && h >= 300 ? .25 * Math.Sin(h * Math.Tau / 6) : 0);
        SubjectChange period = Assert.Single(found, c => c.Vm == "vm5" && c.Change.Kind == ChangeKind.NewPeriod);
        Assert.Equal(6, period.Change.PeriodSlots);
        Assert.InRange(period.Change.FoundSlot - Start, 300, 372);
    }

    [Fact]
    public void Who_does_as_usual_is_not_told()
    {
        List<SubjectChange> found = Run(days: 40, (_, _) => 0);
        // Ten VMs, a community and the cell for forty days.
        Assert.InRange(found.Count, 0, 5);
    }

    private static List<SubjectChange> Run(int days, Func<int, int, double> planted)
    {
        CellOutlook cell = new("c", Clock, ProfileOptions.Default);
        cell.SetCommunities(Enumerable.Range(0, 10).Select(v => ($"vm{v}", v < 4 ? 1u : 0)));
        SplitMix random = new(21);
        List<SubjectChange> found = [];
        for (int h = 0; h < days * 24; h++)
        {
            VmSample[] samples = [.. Enumerable.Range(0, 10).Select(v => new VmSample($"vm{v}", 4, 1, (float)(AdviceTests.Usual(h, random.NextDouble()) + planted(h, v)), float.NaN))];
            if (cell.Feed(SlotClockTests.Monday + ((h + 1) * Hour), [.. samples.Where(s => !float.IsNaN(s.Cpu))])) found.AddRange(cell.Changes);
        }
        return found;
    }
}
