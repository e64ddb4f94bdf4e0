using CsCheck;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Tenancy;

public sealed class CallDeskTests
{
    private const long T = DeskRig.T;

    private static readonly Dispatch.Types.Outcome Dispatched = Dispatch.Types.Outcome.Dispatched;

    [Fact]
    public void Without_quotas_every_call_is_dispatched_at_its_own_time()
    {
        DeskRig rig = new();
        for (int i = 0; i < 100; i++) rig.Submit(DeskRig.Call($"{i}"));
        Assert.All(rig.Answers, a => Assert.Equal((Dispatched, T), (a.Outcome, a.TimeUnixMs)));
        Assert.Equal(100, rig.Answers.Count);
        Assert.Empty(rig.Deferrals);
    }

    [Fact]
    public void Who_has_as_many_calls_in_flight_as_he_may_waits_for_one_to_end()
    {
        DeskRig rig = new(tenants: [new Tenant { Name = "t", Concurrency = 2 }]);
        for (int i = 0; i < 4; i++) rig.Submit(DeskRig.Call($"{i}"));
        Assert.Equal(["0", "1"], rig.Answers.Select(a => a.InvocationId));
        Assert.Equal(["2", "3"], rig.Deferrals.Select(d => d.Invocation.Id));
        Assert.All(rig.Deferrals, d => Assert.Equal((RejectCodes.QuotaConcurrency, T, T + 30_000), (d.WaitsFor, d.SinceUnixMs, d.UntilUnixMs)));
        rig.RunTo(T + 150);
        Assert.Equal([("2", T + 100), ("3", T + 100)], rig.Answers.Skip(2).Select(a => (a.InvocationId, a.TimeUnixMs)));
        Assert.Equal(["2", "3"], rig.Deferrals.Where(d => d.Settled).Select(d => d.Invocation.Id));
    }

    [Fact]
    public void A_rate_is_kept_to_the_millisecond()
    {
        DeskRig rig = new(tenants: [new Tenant { Name = "t", RatePerS = 10, Burst = 3 }]);
        for (int i = 0; i < 6; i++) rig.Submit(DeskRig.Call($"{i}"));
        for (int ms = 1; ms <= 300; ms++) rig.RunTo(T + ms);
        Assert.Equal([0, 0, 0, 100, 200, 300], rig.Answers.Select(a => a.TimeUnixMs - T));
    }

    [Fact]
    public void A_call_that_cannot_fit_in_time_is_rejected_at_once_and_told_when_it_would()
    {
        DeskRig rig = new(tenants: [new Tenant { Name = "t", RatePerS = 1, Burst = 1, DelayMs = 500 }]);
        rig.Submit(DeskRig.Call("0"));
        rig.Submit(DeskRig.Call("1", 200));
        Dispatch answer = rig.Answers[^1];
        Assert.Equal((Dispatch.Types.Outcome.Rejected, RejectCodes.QuotaRate, T + 1000), (answer.Outcome, answer.RejectCode, answer.EarliestUnixMs));
        Assert.Equal("tenant t: 1 calls a second are granted, 1 at once; it would not fit by 00:00:00.700, the latest that it may; expected to fit from 00:00:01.000 on", answer.Decision.Reason);
    }

    [Fact]
    public void A_call_whose_turn_does_not_come_is_rejected_when_its_time_is_over()
    {
        DeskRig rig = new(tenants: [new Tenant { Name = "t", Concurrency = 1, DelayMs = 2000 }]) { Worker = _ => null };
        rig.Submit(DeskRig.Call("0"));
        rig.Submit(DeskRig.Call("1"));
        rig.RunTo(T + 1999);
        Assert.Single(rig.Answers);
        rig.RunTo(T + 2000);
        Assert.Equal(("1", RejectCodes.QuotaConcurrency), (rig.Answers[^1].InvocationId, rig.Answers[^1].RejectCode));
        Assert.Equal(0, rig.Desk.Waiting);
    }

    [Fact]
    public void No_more_calls_wait_than_may()
    {
        DeskRig rig = new(tenants: [new Tenant { Name = "t", Concurrency = 1, Waiting = 3, DelayMs = 3_600_000 }]);
        for (int i = 0; i < 6; i++) rig.Submit(DeskRig.Call($"{i}"));
        Assert.Equal(3, rig.Desk.Waiting);
        Assert.Equal(["4", "5"], rig.Answers.Where(a => a.Outcome != Dispatched).Select(a => a.InvocationId));
        Assert.All(rig.Answers.Skip(1), a => Assert.Contains("3 of its calls wait already", a.Decision.Reason));
    }

    [Fact]
    public void A_quota_that_is_raised_lets_waiting_calls_go()
    {
        DeskRig rig = new(tenants: [new Tenant { Name = "*", Concurrency = 1 }]) { Worker = _ => null };
        for (int i = 0; i < 4; i++) rig.Submit(DeskRig.Call($"{i}"));
        Assert.Single(rig.Answers);
        rig.Feed.Fleet.Tenants.Apply(new Tenant { Name = "t", Concurrency = 3 });
        rig.RunTo(T + 1);
        Assert.Equal(3, rig.Answers.Count);
        rig.Feed.Fleet.Tenants.Remove("*");
        rig.Feed.Fleet.Tenants.Remove("t");
        rig.RunTo(T + 2);
        Assert.Equal(4, rig.Answers.Count);
    }

    [Fact]
    public void What_waits_is_restored_from_its_records_and_answered_once()
    {
        Tenant quota = new() { Name = "t", Concurrency = 1 };
        DeskRig before = new(tenants: [quota]);
        for (int i = 0; i < 5; i++) before.Submit(DeskRig.Call($"{i}"));
        before.RunTo(T + 250);
        DeskRig after = new(tenants: [quota]);
        foreach (Dispatch answer in before.Answers) after.Feed.Read(answer);
        foreach (Completion end in before.Completions) after.Feed.Read(end);
        foreach (Deferral deferral in before.Deferrals) after.Desk.Restore(deferral, 0);
        Assert.Equal(before.Desk.Waiting, after.Desk.Waiting);
        after.Feed.Read(TestFleet.End(before.Answers[^1]));
        for (int ms = 250; ms < 1000; ms++) after.RunTo(T + ms);
        Assert.Equal(["0", "1", "2", "3", "4"], before.Answers.Concat(after.Answers).Select(a => a.InvocationId));
        after.Submit(DeskRig.Call("4", 2000));
        Assert.Equal(1, after.Feed.Fleet.Counters.RepeatedInvocations);
    }

    [Fact]
    public void What_waits_in_a_partition_that_goes_away_is_somebody_elses()
    {
        DeskRig rig = new(tenants: [new Tenant { Name = "t", Concurrency = 1 }]);
        for (int i = 0; i < 5; i++) rig.Submit(DeskRig.Call($"{i}"));
        rig.Desk.Close(0);
        rig.RunTo(T + 10_000);
        Assert.Equal(0, rig.Desk.Waiting);
        Assert.Single(rig.Answers);
    }

    [Fact]
    public void Quotas_are_never_exceeded_and_every_call_ends_once() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 5], Gen.Int[0, 4], Gen.Int[0, 20], Gen.Int[0, 5000]).Array[3],
            Gen.Select(Gen.Int[0, 2], Gen.Int[0, 60], Gen.Int[1, 900], Gen.Int[0, 9]).Array[1, 150],
            Gen.Int[0, 3]).Sample((quotas, calls, depth) =>
        {
            Tenant[] tenants = [.. quotas.Select((q, i) => new Tenant { Name = $"t{i}", Concurrency = (uint)q.Item1, Cores = q.Item2, RatePerS = q.Item3, Burst = 2, DelayMs = (uint)q.Item4, Weight = i + 1 })];
            DeskRig rig = new(tenants: [.. tenants, new Tenant { Name = "*", CallsPerCore = depth / 4.0 }]);
            Dictionary<string, int> walls = [];
            Dictionary<string, int> fates = [];
            rig.Worker = d => TestFleet.End(d, walls[d.InvocationId], failed: fates[d.InvocationId] == 0 || (fates[d.InvocationId] == 1 && d.Attempt == 0));
            Dictionary<string, List<long>> firsts = [];
            rig.Dispatched = d =>
            {
                int t = d.Tenant[1] - '0';
                if (quotas[t].Item1 > 0) Assert.True(rig.InFlight(d.Tenant) <= quotas[t].Item1);
                if (quotas[t].Item2 > 0) Assert.True(rig.Feed.Fleet.Tenants.GetOrAdd(d.Tenant).Cores <= quotas[t].Item2 + 1e-6);
                if (d.Attempt > 0) return;
                List<long> times = firsts.TryGetValue(d.Tenant, out List<long>? known) ? known : firsts[d.Tenant] = [];
                times.Add(d.TimeUnixMs);
                // Two at once, then no closer than the rate: n calls take at least (n - 2) intervals.
                if (quotas[t].Item3 > 0 && times.Count > 2)
                    for (int i = 0; i < times.Count - 2; i++) Assert.True((times[^1] - times[i]) * quotas[t].Item3 >= (times.Count - i - 2) * 1000L);
            };
            long now = 0;
            for (int i = 0; i < calls.Length; i++)
            {
                (int tenant, int gap, int wall, int fate) = calls[i];
                now += gap;
                (walls[$"{i}"], fates[$"{i}"]) = (wall, fate);
                rig.Submit(DeskRig.Call($"{i}", now, $"t{tenant}", $"f{i % 3}"));
                if (fate == 2) rig.Submit(DeskRig.Call($"{i / 2}", now, $"t{calls[i / 2].Item1}", $"f{i / 2 % 3}", cancel: true));
            }
            for (long end = now + 20_000; now < end; now += 10) rig.RunTo(T + now);
            Assert.Equal((0, 0), (rig.Desk.Waiting, rig.Feed.Fleet.CallsInFlight));
            ILookup<string, Dispatch> answers = rig.Answers.ToLookup(a => a.InvocationId);
            HashSet<string> succeeded = [.. rig.Completions.Where(c => c.Outcome == Completion.Types.Outcome.Succeeded).Select(c => c.InvocationId)];
            for (int i = 0; i < calls.Length; i++)
            {
                List<Dispatch> own = [.. answers[$"{i}"]];
                int refused = own.Count(a => a.Outcome != Dispatched);
                // The end of a call that ran is its worker's word, or that it was given up or taken back; of one that did not, the rejection.
                Assert.True(refused == 1 || (refused == 0 && succeeded.Contains($"{i}")), $"call {i} has {refused} ends");
                Assert.Equal(own.Count(a => a.Outcome == Dispatched), own.Where(a => a.Outcome == Dispatched).Select(a => a.Attempt).Distinct().Count());
            }
        }, iter: 60);

    [Fact]
    public void Tenants_that_wait_share_by_weight_within_the_bound_of_start_time_fair_queueing() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 500].Array[40, 120], Gen.Int[1, 4]).Sample((weightA, weightB, walls, slots) =>
        {
            Tenant[] tenants = [new() { Name = "a", Weight = weightA, DelayMs = 3_600_000 }, new() { Name = "b", Weight = weightB, DelayMs = 3_600_000 }, new() { Name = "*", CallsPerCore = slots / 16.0 }];
            DeskRig rig = new(tenants: tenants);
            // Two functions of different length; what the dispatcher expects of them is the work that it shares out.
            Dictionary<string, int> left = new() { ["a"] = walls.Length, ["b"] = walls.Length };
            Dictionary<string, double> work = new() { ["a"] = 0, ["b"] = 0 };
            double longest = .57;
            bool counting = false;
            rig.Worker = d => TestFleet.End(d, walls[int.Parse(d.InvocationId.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)]);
            rig.Dispatched = d =>
            {
                left[d.Tenant]--;
                if (!counting || left["a"] == 0 || left["b"] == 0) return;
                longest = Math.Max(longest, d.Decision.ExpectedServiceS);
                work[d.Tenant] += d.Decision.ExpectedServiceS;
                Assert.True(Math.Abs((work["a"] / weightA) - (work["b"] / weightB)) <= (longest / weightA) + (longest / weightB) + 1e-5);
            };
            for (int i = 0; i < walls.Length; i++)
            {
                rig.Submit(DeskRig.Call($"a{i}", 0, "a", i % 2 == 0 ? "f" : "g"));
                rig.Submit(DeskRig.Call($"b{i}", 0, "b", "h"));
            }
            counting = true;
            for (long ms = 0; ms < 100_000 && rig.Desk.Waiting > 0; ms += 5) rig.RunTo(T + ms);
            Assert.Equal(2 * walls.Length, rig.Answers.Count(a => a.Outcome == Dispatched));
        }, iter: 30);
}
