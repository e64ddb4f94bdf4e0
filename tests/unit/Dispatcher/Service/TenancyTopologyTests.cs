using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Dispatcher.Service;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Service;

/// <summary>Calls that wait and calls that break off, in the processing loop over a simulated Kafka.</summary>
public sealed class TenancyTopologyTests : LoopRig
{
    private const long T = Samples.Time;

    [Fact]
    public void Calls_that_wait_are_answered_once_over_restarts_and_within_their_quota()
    {
        Append(Topics.Tenants, "t", new Tenant { Name = "t", Concurrency = 3, DelayMs = 600_000 });
        for (int i = 0; i < 40; i++) Append(Topics.FunctionInvocations, $"f{i % 5}", TestFleet.Call($"{i:00}", T + i, $"f{i % 5}"));
        HashSet<string> ended = [];
        for (int life = 0; life < 40; life++)
        {
            using StreamLoop loop = Loop("0");
            // Most lives end in the middle of something: what is open is aborted.
            for (int i = 0; i < 25; i++) loop.Step(TimeSpan.Zero);
            loop.Commit();
            Assert.InRange(Read(Topics.FunctionDispatches).Count - ended.Count, 0, 3);
            foreach (Dispatch answer in Read(Topics.FunctionDispatches).Where(d => !ended.Contains(d.InvocationId)).Take(2).ToList())
            {
                Append(Topics.FunctionCompletions, answer.Function, TestFleet.End(answer));
                ended.Add(answer.InvocationId);
            }
            Time.Advance(TimeSpan.FromMilliseconds(200));
            for (int i = life % 4; i > 0; i--) loop.Step(TimeSpan.Zero);
        }
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i:00}"), Read(Topics.FunctionDispatches).Select(d => d.InvocationId).Order());
        Assert.Equal(Read(Topics.FunctionDeferrals).Where(d => !d.Settled).Select(d => d.Invocation.Id).Order(), Read(Topics.FunctionDeferrals).Where(d => d.Settled).Select(d => d.Invocation.Id).Order());
        Assert.Equal(37, Read(Topics.FunctionDeferrals).Count(d => d.Settled));
    }

    [Fact]
    public void Calls_that_break_off_are_dispatched_again_exactly_once_over_two_instances_and_a_rebalance()
    {
        for (int i = 0; i < 30; i++) Append(Topics.FunctionInvocations, $"f{i % 5}", TestFleet.Call($"{i:00}", T + i, $"f{i % 5}"));
        HashSet<(string, uint)> failed = [];
        StreamLoop a = Loop("a");
        StreamLoop? b = null;
        for (int round = 0; round < 400; round++)
        {
            if (round == 40) b = Loop("b");
            if (round == 200)
            {
                a.Dispose();
                a = Loop("a");
            }
            a.Step(TimeSpan.Zero);
            b?.Step(TimeSpan.Zero);
            Time.Advance(TimeSpan.FromMilliseconds(20));
            if (round % 10 != 0) continue;
            foreach (Dispatch answer in Read(Topics.FunctionDispatches).Where(d => d.Outcome == Dispatch.Types.Outcome.Dispatched && !failed.Contains((d.InvocationId, d.Attempt))).Take(7).ToList())
            {
                Completion end = TestFleet.End(answer, failed: true);
                end.Attempt = answer.Attempt;
                Append(Topics.FunctionCompletions, answer.Function, end);
                failed.Add((answer.InvocationId, answer.Attempt));
            }
        }
        for (int i = 0; i < 100; i++)
        {
            a.Step(TimeSpan.Zero);
            b!.Step(TimeSpan.Zero);
            Time.Advance(TimeSpan.FromMilliseconds(20));
        }
        a.Dispose();
        b!.Dispose();
        Assert.Equal(90, failed.Count);
        Assert.Equal(
            Enumerable.Range(0, 30).SelectMany(i => (string[])[$"{i:00} 0 Dispatched", $"{i:00} 1 Dispatched", $"{i:00} 2 Dispatched", $"{i:00} 2 Rejected"]),
            Read(Topics.FunctionDispatches).Select(d => $"{d.InvocationId} {d.Attempt} {d.Outcome}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Tenants_are_taken_from_the_beginning_of_their_topic_whatever_their_age()
    {
        Append(Topics.Tenants, "t", new Tenant { Name = "t", Concurrency = 1 });
        Time.Advance(TimeSpan.FromDays(30));
        long now = Time.GetUtcNow().ToUnixTimeMilliseconds();
        Append(Topics.VmPredictions, "cell-0", TestFleet.Predict(now, TestFleet.Names(8)));
        for (int i = 0; i < 3; i++) Append(Topics.FunctionInvocations, "f", TestFleet.Call($"{i}", now));
        using StreamLoop loop = Loop("0");
        for (int i = 0; i < 100; i++) loop.Step(TimeSpan.Zero);
        Assert.Single(Read(Topics.FunctionDispatches));
        Assert.Equal(2, Read(Topics.FunctionDeferrals).Count);
    }

    [Fact]
    public void VMs_that_are_drained_get_no_calls_until_that_is_ended()
    {
        string[] vms = TestFleet.Names(8);
        long now = Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (string vm in vms[1..]) Append(Topics.VmDrains, vm, new VmDrain { Vm = vm, Draining = true, Reason = "a new kernel" });
        Append(Topics.VmPredictions, "cell-0", TestFleet.Predict(now, vms));
        for (int i = 0; i < 20; i++) Append(Topics.FunctionInvocations, "f", TestFleet.Call($"{i}", now));
        using StreamLoop loop = Loop("0");
        for (int i = 0; i < 100; i++) loop.Step(TimeSpan.Zero);
        Assert.Equal(Enumerable.Repeat(vms[0], 20), Read(Topics.FunctionDispatches).Select(d => d.Vm));
        foreach (string vm in vms[1..]) Append(Topics.VmDrains, vm, new VmDrain { Vm = vm });
        for (int i = 0; i < 100; i++) loop.Step(TimeSpan.Zero);
        for (int i = 20; i < 40; i++) Append(Topics.FunctionInvocations, "f", TestFleet.Call($"{i}", now + 1));
        for (int i = 0; i < 100; i++) loop.Step(TimeSpan.Zero);
        Assert.Equal(vms, Read(Topics.FunctionDispatches).Select(d => d.Vm).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_of_tenants_is_checked_before_anything_is_published()
    {
        FileInfo file = new(Path.GetTempFileName());
        try
        {
            File.WriteAllText(file.FullName, """[{"name": "a", "concurrency": 5, "weight": 2}, {"name": "*", "callsPerCore": 1.5}]""");
            Assert.Equal([new Tenant { Name = "a", Concurrency = 5, Weight = 2 }, new Tenant { Name = "*", CallsPerCore = 1.5 }], TenantsCommand.Read(file));
            foreach ((string text, string wrong) in (ReadOnlySpan<(string, string)>)[
                ("{}", "a JSON array of tenants is wanted"),
                ("[{]", "invalid"),
                ("""[{"name": "a"}, {"name": "b", "limit": 5}]""", "tenant 2: Unknown field: limit"),
                ("""[{"name": "a", "weight": 0}]""", "tenant 1: weight is 0; 0.001 to 1000 is allowed"),
                ("""[{"name": "a", "calls_per_core": 1}]""", "tenant 1: calls_per_core is of the whole fleet"),
                ("""[{"concurrency": 1}]""", "tenant 1: name is empty")])
            {
                File.WriteAllText(file.FullName, text);
                Assert.Contains(wrong, Assert.Throws<UserException>(() => TenantsCommand.Read(file)).Message);
            }
        }
        finally
        {
            file.Delete();
        }
    }

    private StreamLoop Loop(string instance) => Loop(DispatcherTopology.Of(new DispatcherCore(new DispatcherOptions())), instance);
}
