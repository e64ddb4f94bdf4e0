using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Dispatcher.Service;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Service;

/// <summary>Dispatcher and workers in the processing loop, over a simulated Kafka.</summary>
public sealed class DispatcherTopologyTests : LoopRig
{
    private const long T = Samples.Time;

    [Fact]
    public void Calls_are_dispatched_run_and_completed_once()
    {
        Invoke(0, 50);
        using StreamLoop dispatcher = Loop(DispatcherTopology.Create(new DispatcherOptions())), workers = Loop(Workers());
        Run(dispatcher, workers);
        Assert.Equal(Ids(0, 50), Read(Topics.FunctionDispatches).Select(d => d.InvocationId).Order());
        Assert.All(Read(Topics.FunctionDispatches), d => Assert.Equal(Dispatch.Types.Outcome.Dispatched, d.Outcome));
        Assert.Equal(Ids(0, 50), Read(Topics.FunctionCompletions).Select(d => d.InvocationId).Order());
    }

    [Fact]
    public void Decisions_of_a_transaction_that_failed_are_forgotten_and_made_again()
    {
        Topology topology = DispatcherTopology.Create(new DispatcherOptions());
        Invoke(0, 20);
        using (StreamLoop first = Loop(topology)) Run(first);
        Invoke(20, 20);
        using (StreamLoop failing = Loop(topology))
        {
            for (int i = 0; i < 8; i++) failing.Step(TimeSpan.Zero);
            // Disposed of with a transaction open: it is aborted.
        }
        using StreamLoop second = Loop(topology);
        Run(second);
        Assert.Equal(Ids(0, 40), Read(Topics.FunctionDispatches).Select(d => d.InvocationId).Order());
    }

    [Fact]
    public void Two_instances_know_of_each_others_calls()
    {
        using StreamLoop a = Loop(DispatcherTopology.Create(new DispatcherOptions { Policy = "jsq" }), "a");
        using StreamLoop b = Loop(DispatcherTopology.Create(new DispatcherOptions { Policy = "jsq" }), "b");
        Run(a, b);
        for (int i = 0; i < 80; i++)
        {
            Invoke(i, 1);
            Run(a, b);
        }
        Assert.Equal(Ids(0, 80), Read(Topics.FunctionDispatches).Select(d => d.InvocationId).Order());
        Assert.All(Read(Topics.FunctionDispatches).CountBy(d => d.Vm), v => Assert.Equal(10, v.Value));
    }

    [Fact]
    public void An_invocation_sent_twice_is_answered_once_also_after_a_restart()
    {
        Invoke(0, 10);
        using (StreamLoop first = Loop(DispatcherTopology.Create(new DispatcherOptions()))) Run(first);
        Invoke(0, 10);
        using StreamLoop second = Loop(DispatcherTopology.Create(new DispatcherOptions()));
        Run(second);
        Assert.Equal(Ids(0, 10), Read(Topics.FunctionDispatches).Select(d => d.InvocationId).Order());
    }

    [Fact]
    public void Workers_that_start_again_know_their_containers_and_tell_nothing_twice()
    {
        Invoke(0, 30);
        using StreamLoop dispatcher = Loop(DispatcherTopology.Create(new DispatcherOptions()));
        using (StreamLoop first = Loop(Workers())) Run(dispatcher, first);
        Invoke(30, 30, afterMs: 60_000);
        using StreamLoop second = Loop(Workers());
        Run(dispatcher, second);
        Assert.Equal(Ids(0, 60), Read(Topics.FunctionCompletions).Select(d => d.InvocationId).Order());
        Assert.Contains(Read(Topics.FunctionCompletions), c => c.TimeUnixMs > T + 60_000 && !c.ColdStart);
    }

    [Fact]
    public void The_answer_to_an_invocation_is_found_in_the_topic()
    {
        Invoke(0, 30);
        using StreamLoop dispatcher = Loop(DispatcherTopology.Create(new DispatcherOptions()));
        Run(dispatcher);
        using IPartitionReader reader = new SimulatedClients(Kafka).OpenReader();
        Assert.Equal("0017", Assert.Single(ExplainCommand.FindAll(reader, "0017", CancellationToken.None)).InvocationId);
        Assert.Empty(ExplainCommand.FindAll(reader, "none", CancellationToken.None));
    }

    private static Topology Workers()
    {
        FleetTrace fleet = new()
        {
            Vms = TestFleet.Names(8),
            Cores = [.. Enumerable.Repeat(4f, 8)],
            MemoryBytes = [.. Enumerable.Repeat(16UL << 30, 8)],
            StartUnixMs = T,
            SlotMs = 300_000,
            SlotCount = 1,
            Cpu = new float[8],
        };
        double[] duration = [.. Enumerable.Repeat(100.0, 7)];
        FunctionTrace functions = new() { Functions = [.. Enumerable.Range(0, 5).Select(f => new TracedFunction($"f{f}", "t", 1 << 20, duration))], Calls = [], Minutes = 0 };
        return WorkerTopology.Create(fleet, functions, new WorkerOptions());
    }

    private static IEnumerable<string> Ids(int from, int count) => Enumerable.Range(from, count).Select(i => $"{i:0000}");

    private void Invoke(int from, int count, long afterMs = 0)
    {
        for (int i = from; i < from + count; i++)
            Append(Topics.FunctionInvocations, $"f{i % 5}", TestFleet.Call($"{i:0000}", T + afterMs + i, $"f{i % 5}"));
    }

    private static void Run(params StreamLoop[] loops)
    {
        for (int i = 0; i < 200; i++)
            foreach (StreamLoop loop in loops) loop.Step(TimeSpan.Zero);
    }
}
