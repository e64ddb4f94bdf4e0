using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Service;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Service;

public sealed class RecordingReaderTests
{
    private const uint StepMs = 300_000;

    private const long T = Samples.Time / StepMs * StepMs;

    private readonly SimulatedKafka kafka = SimulatedKafka.WithCatalogue(new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(T)));

    [Fact]
    public void What_topics_hold_of_a_span_is_run_again_with_other_policies()
    {
        for (int i = 0; i < 50; i++)
        {
            Invocation call = TestFleet.Call($"{i:00}", T + (i * 4000), $"f{i % 3}");
            Append(Topics.FunctionInvocations, call.Function, call);
            Completion end = new() { InvocationId = call.Id, Function = call.Function, Tenant = call.Tenant, Vm = "a", Cell = "c", TimeUnixMs = call.TimeUnixMs + 500, WallMs = 500, CpuS = .5, Outcome = Completion.Types.Outcome.Succeeded };
            if (i != 7) Append(Topics.FunctionCompletions, call.Function, end);
        }
        for (int step = 0; step < 3; step++)
        {
            StepChunk chunk = new() { Cell = "c", StepEndUnixMs = T + (step * StepMs), StepMs = StepMs, Chunks = 1 };
            foreach (string vm in (string[])["a", "b"]) chunk.Vms.Add(new VmStep { Vm = vm, Cores = 4, MemoryBytes = 16UL << 30, Reports = 1, Own = new Signals { CpuUtilization = .5f } });
            Append(Topics.VmSteps, "c", chunk);
        }
        using IPartitionReader reader = new SimulatedClients(kafka).OpenReader();
        Recording recording = RecordingReader.Read(reader, DateTimeOffset.FromUnixTimeMilliseconds(T), DateTimeOffset.MaxValue, CancellationToken.None);
        Assert.Equal((50, 49, 2), (recording.Calls, recording.Completed, recording.Vms));

        Experiment experiment = new() { Policies = [ExpectedCompletionTimePolicy.PolicyName, ShortestQueuePolicy.PolicyName], Signals = [Signal.Of("last"), Signal.Of("last+feedback")], Seeds = 1 };
        List<string> told = [];
        IReadOnlyList<SimulationRun> runs = new ExperimentRunner(options => new RecordedScenarios(recording, options), "", told.Add).Run([experiment], CancellationToken.None).Single();
        Assert.Equal(["recorded recorded", "expected-completion-time last", "expected-completion-time last+feedback", "jsq none"], runs.Select(r => $"{r.Policy} {r.Signal}"));
        Assert.Equal(3, told.Count);
        // A third of the span is left out as warm-up; there nothing is cold and nothing waits.
        Assert.Equal(.5, runs[0].Measures.MeanResponseS, 9);
        Assert.Equal(.5, runs[1].Measures.MeanResponseS, 9);
    }

    private void Append<TMessage>(TopicSpec<TMessage> topic, string key, TMessage value)
        where TMessage : IMessage<TMessage> => kafka.Append(topic.Name, Encoding.UTF8.GetBytes(key), value.ToByteArray());
}
