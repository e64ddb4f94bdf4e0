using System.CommandLine;
using System.Text.Json;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Processors.TimeAware;

namespace Pipeline.Tests.Unit.Processors.TimeAware;

public sealed class AdviceTests
{
    private const long Hour = 3_600_000;

    private static readonly SlotClock Clock = new();

    [Fact]
    public void The_best_start_is_in_the_quiet_hours_and_says_why()
    {
        FleetOutlook fleet = Planted(days: 20, seed: 1);
        IReadOnlyList<RoomOffer> offers = RoomAdvisor.Find(fleet.Places(), Clock, fleet.NewestUnixMs, new RoomRequest(25, 0, TimeSpan.FromHours(2), TimeSpan.FromHours(24), .95));
        RoomOffer best = offers[0];
        Assert.True(best.Enough);
        Assert.InRange(best.GuaranteedCores!.Value, 25, best.ExpectedCores);
        int hour = DateTimeOffset.FromUnixTimeMilliseconds(best.StartUnixMs).Hour;
        Assert.True(hour is < 7 or >= 18, $"starts at {hour}");
        Assert.Contains("usually free", best.Why, StringComparison.Ordinal);
        Assert.All(offers, o => Assert.True(o.StartUnixMs >= fleet.NewestUnixMs && o.StartUnixMs + (2 * Hour) <= fleet.NewestUnixMs + (24 * Hour)));
    }

    [Fact]
    public void Room_that_is_nowhere_is_not_promised()
    {
        FleetOutlook fleet = Planted(days: 20, seed: 1);
        Assert.DoesNotContain(RoomAdvisor.Find(fleet.Places(), Clock, fleet.NewestUnixMs, new RoomRequest(41, 0, TimeSpan.FromHours(1), TimeSpan.FromHours(24), .95)), o => o.Enough);
        RoomOffer memory = RoomAdvisor.Find(fleet.Places(), Clock, fleet.NewestUnixMs, new RoomRequest(1, 1L << 30, TimeSpan.FromHours(1), TimeSpan.FromHours(24), .95))[0];
        Assert.False(memory.Enough);
        Assert.Contains("memory is not measured here", memory.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Guaranteed_room_is_there_as_often_as_was_asked_for()
    {
        SplitMix random = new(4);
        float[] cpu = [.. Enumerable.Range(0, 24 * 80).Select(h => Usual(h, random.NextDouble()))];
        FleetOutlook fleet = new(Clock, ProfileOptions.Default);
        int held = 0, asked = 0;
        for (int h = 0; h < cpu.Length - 24; h++)
        {
            fleet.Feed("c", SlotClockTests.Monday + ((h + 1) * Hour), Fleet(cpu[h]));
            if (h < 24 * 30 || h % 5 != 0) continue;
            foreach (RoomOffer offer in RoomAdvisor.Find(fleet.Places(), Clock, fleet.NewestUnixMs, new RoomRequest(10, 0, TimeSpan.FromHours(3), TimeSpan.FromHours(24), .9)))
            {
                int start = (int)((offer.StartUnixMs - SlotClockTests.Monday) / Hour);
                asked++;
                if (Enumerable.Range(start, 3).All(s => 40 * (1 - cpu[s]) >= offer.GuaranteedCores - 1e-3)) held++;
            }
        }
        Assert.InRange(held / (double)asked, .86, 1);
    }

    [Fact]
    public void More_calls_in_time_take_more_vms_and_both_errors_have_a_price()
    {
        FleetOutlook fleet = Planted(days: 25, seed: 2);
        GroupOutlook place = fleet.Places().First();
        int before = 0;
        foreach (double share in (double[])[.5, .8, .95, .99])
        {
            IReadOnlyList<ScaleAdvice> plan = ScaleAdvisor.Plan(place, Clock, new ScaleRequest(share));
            Assert.Equal(6, plan.Count);
            Assert.All(plan, a =>
            {
                Assert.True(a.Wanted.LateProbability <= 1 - share + .02);
                Assert.True(a.Fewer.LateProbability >= a.Wanted.LateProbability && a.Fewer.MissingCores >= a.Wanted.MissingCores && a.More.IdleCoreHours > a.Wanted.IdleCoreHours);
            });
            int sum = plan.Sum(a => a.VmsWanted);
            Assert.True(sum >= before);
            before = sum;
        }
    }

    [Fact]
    public void What_is_advised_begins_with_the_hour_that_begins_now()
    {
        FleetOutlook fleet = Planted(days: 10, seed: 3);
        Assert.Equal(fleet.NewestUnixMs, ScaleAdvisor.Plan(fleet.Places().First(), Clock, new ScaleRequest())[0].StartUnixMs);
        Assert.Equal(fleet.NewestUnixMs, Clock.StartUnixMs(fleet.Cells["c"].Now + 1));
    }

    [Fact]
    public void A_fleet_is_all_cells_as_one()
    {
        FleetOutlook fleet = new(Clock, ProfileOptions.Default);
        foreach (string cell in (string[])["a", "b"])
            for (int h = 0; h < 24 * 8; h++) fleet.Feed(cell, SlotClockTests.Monday + ((h + 1) * Hour), Fleet(cell == "a" ? .2f : .4f));
        Assert.Equal(["fleet", "a", "b"], fleet.Places().Select(p => p.Name));
        Assert.Equal(.3, fleet.Places().First().Cpu.At(1).Share, 3);
        Assert.Equal(80, fleet.Places().First().Cores);
        Assert.Equal(fleet.Cells["a"].Now, fleet.Places().First().Cpu.Now);
        Assert.Equal(["b"], fleet.Places("b").Select(p => p.Name));
    }

    [Fact]
    public async Task The_verb_answers_from_a_trace_in_words_and_as_json()
    {
        string[] trace = ["--trace", CommittedTraces.Fleet.FullName, "--time-zone", "America/New_York", "--for", "2h", "--cores", "40", "--memory", "1GiB"];
        string words = await RunAsync(trace);
        Assert.Contains("40 cores and 1.0 GiB for 2 h", words, StringComparison.Ordinal);
        Assert.Contains("why: ", words, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(await RunAsync([.. trace, "--json"])).RootElement.ValueKind);
        Assert.Contains("one fewer", await RunAsync("scale", "--trace", CommittedTraces.Fleet.FullName), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cores", "-1")]
    [InlineData("--memory", "lots")]
    [InlineData("--for", "2d")]
    [InlineData("--within", "30h")]
    [InlineData("--confidence", "1.5")]
    [InlineData("--at", "noon")]
    [InlineData("--time-zone", "Mars")]
    public void Wrong_options_are_named(string option, string value) =>
        Assert.Contains(AdviseCommand.Create().Parse(["--trace", CommittedTraces.Fleet.FullName, option, value]).Errors, e => e.Message.Contains(option, StringComparison.Ordinal));

    [Fact]
    public void A_time_outside_of_the_trace_is_refused_with_its_bounds()
    {
        FleetTrace trace = FleetTrace.Load(CommittedTraces.Fleet);
        UserException error = Assert.Throws<UserException>(() => FleetSource.FromTrace(new FleetOutlook(Clock, ProfileOptions.Default), trace, "1999-01-01", default));
        Assert.Contains("not within the trace", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_is_not_there_is_named() =>
        Assert.Contains("cell-0", (await Assert.ThrowsAsync<UserException>(() => RunAsync("--trace", CommittedTraces.Fleet.FullName, "--cell", "nowhere"))).Message, StringComparison.Ordinal);

    internal static VmSample[] Fleet(float cpu) => [.. Enumerable.Range(0, 10).Select(v => new VmSample($"vm{v}", 4, 1L << 30, cpu, float.NaN))];

    internal static float Usual(int hour, double noise) => (float)((hour % 24 is >= 8 and < 18 ? .6 : .15) + (.1 * (noise - .5)));

    private static FleetOutlook Planted(int days, ulong seed)
    {
        SplitMix random = new(seed);
        FleetOutlook fleet = new(Clock, ProfileOptions.Default);
        for (int h = 0; h < days * 24; h++) fleet.Feed("c", SlotClockTests.Monday + ((h + 1) * Hour), Fleet(Usual(h, random.NextDouble())));
        return fleet;
    }

    private static async Task<string> RunAsync(params string[] args)
    {
        await using StringWriter output = new();
        await AdviseCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output });
        return output.ToString();
    }
}
