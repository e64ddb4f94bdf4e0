using CsCheck;
using Google.Protobuf;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

public sealed class WorkerFleetTests
{
    private const long T = Samples.Time;

    private const long Memory = 1 << 30;

    [Fact]
    public void A_cold_call_on_an_idle_VM_takes_its_cold_start_and_its_service_time()
    {
        Completion c = Workers().Run(Dispatch("1"))!;
        Assert.Equal((true, 500, 1500, 1.5, T + 1500), (c.ColdStart, c.ColdStartMs, c.WallMs, c.CpuS, c.TimeUnixMs));
        Assert.Equal(Completion.Types.Outcome.Succeeded, c.Outcome);
    }

    [Fact]
    public void After_its_end_the_container_is_warm_until_the_keep_alive_is_over()
    {
        WorkerFleet workers = Workers();
        workers.Run(Dispatch("1"));
        Assert.True(workers.Run(Dispatch("2", T + 1499))!.ColdStart);
        Assert.False(workers.Run(Dispatch("3", T + 1500))!.ColdStart);
        Assert.True(workers.Run(Dispatch("4", T + 1_000_000))!.ColdStart);
    }

    [Fact]
    public void Calls_and_the_VMs_own_load_share_the_cores()
    {
        // 2 cores, half of them used by the VM itself, and four calls: a quarter of a core each.
        WorkerFleet workers = Workers(utilization: [.5f]);
        for (int i = 0; i < 3; i++) workers.Run(Dispatch($"{i}"));
        Assert.Equal(6000, workers.Run(Dispatch("4"))!.WallMs, 6);
    }

    [Fact]
    public void Even_a_busy_VM_gives_its_calls_a_fifth_of_a_core()
    {
        Completion c = Workers(utilization: [1, 1]).Run(Dispatch("1"))!;
        Assert.Equal(7_500, c.WallMs, 3);
        Assert.Equal(2_500, c.ColdStartMs, 3);
    }

    [Fact]
    public void The_rate_follows_the_own_load_from_slot_to_slot()
    {
        // The VM is busy by itself until 1 s after the call's start: .2 s of work are done by then, the rest runs on a full core.
        long start = T + 299_000;
        Completion c = Workers(utilization: [1, 0]).Run(Dispatch("1", start))!;
        Assert.Equal(1000 + 1300, c.WallMs, 3);
        Assert.Equal(1000 + 300, c.ColdStartMs, 3);
    }

    [Fact]
    public void A_call_that_takes_too_long_is_stopped_and_leaves_nothing_warm()
    {
        WorkerFleet workers = Workers(serviceMs: 1_000_000, utilization: [0]);
        Completion c = workers.Run(Dispatch("1"))!;
        Assert.Equal((Completion.Types.Outcome.Failed, 300_000.0, 300.0, T + 300_000), (c.Outcome, c.WallMs, c.CpuS, c.TimeUnixMs));
        Assert.True(workers.Run(Dispatch("2", T + 300_000))!.ColdStart);
    }

    [Fact]
    public void Idle_containers_give_way_when_memory_is_short()
    {
        WorkerFleet workers = Workers();
        workers.Run(Dispatch("1", memoryBytes: Memory / 2));
        Assert.True(workers.Run(Dispatch("2", T + 2000, "g", Memory))!.ColdStart);
        Assert.True(workers.Run(Dispatch("3", T + 4000, memoryBytes: Memory / 2))!.ColdStart);
    }

    [Fact]
    public void Calls_that_cannot_run_fail_with_the_reason()
    {
        WorkerFleet workers = Workers();
        Assert.Contains("not installed", workers.Run(Dispatch("1", function: "h"))!.Error);
        Assert.Contains("not among", workers.Run(Dispatch("2", vm: "elsewhere"))!.Error);
        Assert.Contains("no memory", workers.Run(Dispatch("3", memoryBytes: Memory + 1))!.Error);
    }

    [Fact]
    public void Rejections_and_repeats_are_not_run()
    {
        WorkerFleet workers = Workers();
        Assert.NotNull(workers.Run(Dispatch("1")));
        Assert.Null(workers.Run(Dispatch("1")));
        Dispatch rejected = Dispatch("2");
        rejected.Outcome = Pipeline.Schemas.Dispatch.Types.Outcome.Rejected;
        Assert.Null(workers.Run(rejected));
    }

    [Fact]
    public void The_service_time_of_a_call_does_not_depend_on_its_VM_or_on_what_ran_before()
    {
        TracedFunction[] spread = [new("f", "t", 1, [1, 10, 100, 200, 400, 4000, 10_000])];
        double Alone(string vm, string id) => new WorkerFleet(Load([0]), spread, new WorkerOptions()).Run(Dispatch(id, vm: vm))!.CpuS;
        WorkerFleet shared = new(Load([0]), spread, new WorkerOptions { KeepAlive = TimeSpan.Zero });
        List<double> drawn = [];
        for (int i = 0; i < 200; i++)
        {
            drawn.Add(Alone("a", $"{i}"));
            Assert.Equal(drawn[i], Alone("b", $"{i}"));
            Assert.Equal(drawn[i], shared.Run(Dispatch($"{i}", T + (i * 60_000L)))!.CpuS);
        }
        Assert.InRange(drawn.Order().ElementAt(100), .5 + .15, .5 + .26);
    }

    [Fact]
    public void Every_dispatched_call_completes_exactly_once_and_the_same_way_each_time() =>
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 5000], Gen.Long[1, Memory]).Array[1, 100].Sample(calls =>
        {
            byte[] first = Run(calls), second = Run(calls);
            Assert.Equal(first, second);
        });

    private static byte[] Run((int Vm, int Function, int Ms, long Bytes)[] calls)
    {
        WorkerFleet workers = Workers();
        using MemoryStream bytes = new();
        long now = T;
        for (int i = 0; i < calls.Length; i++)
        {
            now += calls[i].Ms;
            Dispatch dispatch = Dispatch($"{i}", now, "fgh".Substring(calls[i].Function, 1), calls[i].Bytes, "ab".Substring(calls[i].Vm, 1));
            Completion completion = workers.Run(dispatch)!;
            Assert.Equal((dispatch.InvocationId, dispatch.Vm), (completion.InvocationId, completion.Vm));
            Assert.True(completion.TimeUnixMs >= dispatch.TimeUnixMs && completion.ColdStartMs <= completion.WallMs);
            Assert.Null(Topics.FunctionCompletions.Validate(completion, new RecordContext(completion.Function, now)));
            Assert.Null(workers.Run(dispatch));
            completion.WriteDelimitedTo(bytes);
        }
        return bytes.ToArray();
    }

    private static Dispatch Dispatch(string id, long timeMs = T, string function = "f", long memoryBytes = 1 << 20, string vm = "a") => new()
    {
        InvocationId = id,
        Function = function,
        Tenant = "t",
        TimeUnixMs = timeMs,
        Outcome = Pipeline.Schemas.Dispatch.Types.Outcome.Dispatched,
        Vm = vm,
        Cell = "cell-0",
        MemoryBytes = (ulong)memoryBytes,
    };

    private static WorkerFleet Workers(double serviceMs = 1000, float[]? utilization = null)
    {
        double[] fixedTime = [.. Enumerable.Repeat(serviceMs, 7)];
        return new WorkerFleet(Load(utilization ?? [0]), [new("f", "t", 1, fixedTime), new("g", "t", 1, fixedTime)], new WorkerOptions());
    }

    private static OwnLoad Load(float[] utilization) => new(new FleetTrace
    {
        Vms = ["a", "b"],
        Cores = [2, 2],
        MemoryBytes = [Memory, Memory],
        StartUnixMs = T,
        SlotMs = 300_000,
        SlotCount = utilization.Length,
        Cpu = [.. utilization.SelectMany(u => new[] { u, u })],
    });
}
