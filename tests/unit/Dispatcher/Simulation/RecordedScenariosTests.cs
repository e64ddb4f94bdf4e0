using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.CommandLine;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

public sealed class RecordedScenariosTests
{
    private const long StepMs = 300_000, T = Samples.Time / StepMs * StepMs;

    [Fact]
    public void A_recorded_day_is_what_happened_and_can_be_run_again()
    {
        RecordedScenarios scenarios = new(Record(), new SimulationOptions());
        Scenario scenario = scenarios.Draw(1);
        Assert.Equal(["a", "b"], scenario.Vms);
        Assert.Equal([4.0, 4.0], scenario.Cores);
        // Half of the wall time was the cold start; the call that never ended is as long as the others of its function.
        Assert.Equal([.5, .5, .5], scenario.Calls.Select(c => c.ServiceS));
        Assert.Equal(.25, scenario.OwnLoadAt(0, scenario.Vms.ToList().IndexOf("b")), 6);
        Measures happened = scenarios.Happened(1)!.Measures;
        Assert.Equal((3, 1), (happened.Invocations, happened.Rejected));
        Assert.Equal(1, happened.MeanResponseS, 9);
        Simulator again = new(scenario, () => PolicyCatalog.Create(ExpectedCompletionTimePolicy.PolicyName, new PolicyOptions()), Signal.Of("last+feedback"), new SimulationOptions());
        again.Run();
        Assert.All(again.Results, r => Assert.False(r.IsRejected));
    }

    [Fact]
    public void Fewer_VMs_are_drawn_by_the_seed()
    {
        RecordedScenarios scenarios = new(Record(), new SimulationOptions { Vms = 1 });
        Assert.Equal(2, Enumerable.Range(0, 20).Select(s => Assert.Single(scenarios.Draw(s).Vms)).Distinct().Count());
        Assert.Equal(scenarios.Draw(3).Vms, scenarios.Draw(3).Vms);
    }

    [Fact]
    public void What_lies_outside_of_the_span_is_passed_over_and_an_empty_span_refused()
    {
        Recording recording = Record(T + StepMs);
        Assert.Equal(0, recording.Calls);
        UserException error = Assert.Throws<UserException>(() => new RecordedScenarios(recording, new SimulationOptions()));
        Assert.Contains("no call was made in the span", error.Message);
        Assert.Contains("tells of no VM's load", Assert.Throws<UserException>(() => new Recording(0, 1).Fleet()).Message);
    }

    private static Recording Record(long fromMs = 0)
    {
        Recording recording = new(fromMs, long.MaxValue / 2);
        for (int i = 0; i < 3; i++)
        {
            Invocation call = TestFleet.Call($"{i}", T + 100_000 + (i * 1000));
            recording.Read(call);
            if (i == 2) continue;
            recording.Read(new Completion
            {
                InvocationId = call.Id,
                Function = call.Function,
                Vm = "a",
                TimeUnixMs = call.TimeUnixMs + 1000,
                WallMs = 1000,
                CpuS = 1,
                ColdStart = true,
                ColdStartMs = 500,
                Outcome = Completion.Types.Outcome.Succeeded,
            });
        }
        for (int step = 0; step < 3; step++)
        {
            StepChunk chunk = new() { Cell = "c", StepEndUnixMs = T + (step * StepMs), StepMs = (uint)StepMs };
            foreach (string vm in (string[])["b", "a"])
                chunk.Vms.Add(new VmStep { Vm = vm, Cores = 4, MemoryBytes = 16UL << 30, Reports = 1, Own = new Signals { CpuUtilization = vm == "b" ? .25f : .1f } });
            recording.Read(chunk);
        }
        return recording;
    }
}
