using System.Globalization;
using BenchmarkDotNet.Attributes;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Tenancy;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Randomness;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Decide;

/// <summary>
/// A fleet predicted in chunks, 500 functions, two calls in flight for each VM, each of which ends as a new one comes, so that containers are
/// warm as in service. Figures are for one call.
/// </summary>
[MemoryDiagnoser]
public class Decisions
{
    private const int Calls = 100_000, Functions = 500, ChunkVms = 1000;

    private const long StartMs = 1_795_392_000_000, Bytes = 128L << 20;

    private readonly Choice choice = new();
    private readonly ExpectedCompletionTimePolicy policy = new(new PolicyOptions());
    private FleetState state = null!;
    private CallDesk desk = null!;
    private FleetFeed feed = null!;
    private int[] functionOf = [];
    private Invocation[] invocations = [];
    private long number;

    [Params(4_000, 10_000)]
    public int Vms { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        feed = Fleet();
        state = Fleet().Fleet;
        desk = new CallDesk(new Dispatcher.Decisions.CallRouter(feed, policy, 1));
        desk.Open(0);
        SplitMix random = new(1);
        // A few functions get most of the calls.
        functionOf = [.. Enumerable.Range(0, Calls).Select(_ => Math.Min(random.Next(Functions), random.Next(Functions)))];
        invocations = [.. functionOf.Select((f, i) => new Invocation { Id = "-", Function = Name(f), Tenant = "t" + (i % 20).ToString(CultureInfo.InvariantCulture), MemoryBytes = Bytes })];
        Decide();
        GC.Collect();
        Console.WriteLine(FormattableString.Invariant($"// {Vms} VMs: {GC.GetTotalMemory(true) / 1e6:0} MB managed, {Environment.WorkingSet / 1e6:0} MB in all, two fleets, the calls and the benchmark included"));
    }

    /// <summary>The choice alone, and what it changes in the fleet's state.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public int Decide()
    {
        int found = 0;
        for (int i = 0; i < Calls; i++, number++)
        {
            int function = state.FunctionRow(invocations[i].Function);
            CallRequest call = new(SplitMix.Mix((ulong)number), function, "t", Bytes, double.PositiveInfinity);
            choice.Clear();
            policy.Decide(call, state, choice);
            if (choice.RejectCode is not null) throw new UserException(choice.RejectCode);
            VmOption chosen = choice.Best[0];
            state.Start((UInt128)(ulong)number, chosen.Vm, function, Bytes, Capacity.Slowdown(chosen.Ratio));
            state.Finish((UInt128)(ulong)(number - (2 * Vms)), new CallOutcome(state.ClockMs, .1, chosen.Warm ? 0 : .5, .1, true));
            found += chosen.Vm;
        }
        return found;
    }

    /// <summary>The whole way without Kafka: identity, tenant, turn, choice, and the decision record.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public int Answer()
    {
        int answers = 0;
        for (int i = 0; i < Calls; i++, number++)
        {
            Invocation call = invocations[i];
            call.Id = number.ToString(CultureInfo.InvariantCulture);
            call.TimeUnixMs = StartMs + 1000;
            desk.Submit(call.Clone(), 0);
            while (desk.TryTake(0, out Answer answer))
            {
                answers++;
                feed.Read(new Completion
                {
                    InvocationId = answer.Dispatch!.InvocationId,
                    Function = call.Function,
                    Vm = answer.Dispatch.Vm,
                    TimeUnixMs = StartMs + 1000,
                    WallMs = 100,
                    CpuS = .1,
                    Outcome = Completion.Types.Outcome.Succeeded,
                });
            }
        }
        return answers == Calls ? answers : throw new UserException($"{answers} of {Calls} calls were answered");
    }

    private static string Name(int function) => "function-" + function.ToString(CultureInfo.InvariantCulture);

    private FleetFeed Fleet()
    {
        FleetFeed fleet = new(new FleetState(new FleetOptions()));
        SplitMix random = new(7);
        for (int from = 0; from < Vms; from += ChunkVms)
        {
            PredictionChunk chunk = new()
            {
                Cell = "cell",
                StepEndUnixMs = StartMs,
                StepMs = 300_000,
                Chunk = (uint)(from / ChunkVms),
                Chunks = (uint)(Vms / ChunkVms),
                Model = "benchmark",
                HorizonS = { 300, 900, 1800, 3600 },
                Level = { .5f, .9f, .95f },
            };
            for (int i = from; i < from + ChunkVms; i++)
            {
                chunk.Vm.Add("vm-" + i.ToString("00000", CultureInfo.InvariantCulture));
                chunk.Cores.Add(8);
                chunk.MemoryBytes.Add(64UL << 30);
                float level = random.Next(100) / 100f;
                for (int h = 0; h < 4; h++)
                {
                    chunk.PeakQuantile.AddRange([level * .7f, level * .9f, level]);
                    chunk.BusyProbability.Add(level * level / 2);
                }
                chunk.CpuUtilization.Add(level * .7f);
                chunk.AgeS.Add(0);
                chunk.Community.Add((uint)random.Next(50));
            }
            fleet.Read(chunk);
        }
        fleet.AdvanceTo(StartMs + 1000);
        return fleet;
    }
}
