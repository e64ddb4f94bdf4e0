using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Processors.TimeAware;

namespace Pipeline.Tests.Unit.Processors.TimeAware;

public sealed class PlantedChangesTests
{
    private const int Vms = 12, Days = 27;

    [Fact]
    public void What_is_planted_in_calm_vms_is_found_and_little_is_told_of_the_others()
    {
        ChangesResult result = new PlantedChanges(Calm(), new ChangesOptions { First = 18 * 24, PerKind = 3 }).Run(CancellationToken.None);
        Assert.Equal([(3, 3), (3, 3)], result.Planted.Take(2).Select(p => (p.Planted, p.Found)));
        Assert.Equal((3, "NewPeriod"), (result.Planted[2].Planted, result.Planted[2].Kind));
        Assert.All(result.Planted.Take(2), p => Assert.InRange(p.HoursUntilFound!.Value, 1, 12));
        Assert.Equal((Vms - 9) * 9, result.VmDays);
        Assert.InRange(result.FalsePer100VmDays!.Value, 0, 10);
    }

    [Fact]
    public void Without_anything_planted_all_vms_are_watched_for_false_alarms()
    {
        ChangesResult result = new PlantedChanges(Calm(), new ChangesOptions { First = 18 * 24, PerKind = 0 }).Run(CancellationToken.None);
        Assert.Equal(Vms * 9, result.VmDays);
        Assert.All(result.Planted, p => Assert.Equal((0, 0, null), (p.Planted, p.Found, p.HoursUntilFound)));
    }

    [Fact]
    public async Task More_vms_than_there_are_and_days_that_leave_nothing_to_learn_from_are_refused()
    {
        foreach ((string[] given, string reason) in new[] { (new[] { "changes", "--days", "3", "--per-kind", "50" }, "three times as many"), (["changes", "--days", "8"], "a third of the trace"), (["tune", "--first-day", "12"], "are not in the trace") })
        {
            UserException error = await Assert.ThrowsAsync<UserException>(() => AdviseCommand.Create().Parse([.. given, "--trace", CommittedTraces.Fleet.FullName]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = TextWriter.Null }));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Hours like those of <see cref="AdviceTests.Usual"/>, each VM with noise of its own.</summary>
    private static FleetTrace Calm()
    {
        SplitMix random = new(3);
        float[] cpu = [.. Enumerable.Range(0, Days * 24 * Vms).Select(i => AdviceTests.Usual(i / Vms, random.NextDouble()))];
        return new FleetTrace
        {
            Vms = [.. Enumerable.Range(0, Vms).Select(v => $"vm{v}")],
            Cores = [.. Enumerable.Repeat(4f, Vms)],
            MemoryBytes = [.. Enumerable.Repeat(1UL << 30, Vms)],
            StartUnixMs = SlotClockTests.Monday,
            SlotMs = 3_600_000,
            SlotCount = Days * 24,
            Cpu = cpu,
        };
    }
}
