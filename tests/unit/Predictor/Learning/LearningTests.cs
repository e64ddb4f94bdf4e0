using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Learning;
using Pipeline.Predictor.Models;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Predictor.Learning;

public sealed class LearningTests
{
    private const int Vms = 8, SlotMs = 300_000, DaySlots = 288;

    private static readonly LearningOptions Small = new() { Steps = 60, Days = 1, HeldOutHours = 6, LearningRate = 2e-3f };

    [Fact]
    public void A_model_that_knows_nothing_of_a_fleet_learns_on_and_is_the_better_one_on_days_that_it_has_not_seen()
    {
        ModelFile shipped = ModelFile.Load(ModelFile.DefaultPath);
        StringWriter log = new();
        (IReadOnlyList<TraceLearning.Day> days, ModelFile learned) = new TraceLearning(Small, new FakeTimeProvider()).Run(Waves(4), "waves", shipped, 3, 4, log, CancellationToken.None);
        Assert.Equal([3, 4], days.Select(d => d.Number));
        Assert.True(days[0].Verdict!.IsBetter, log.ToString());
        Assert.All(days, d => Assert.True(d.Learning.MeanPinball < d.Frozen.MeanPinball, log.ToString()));
        Assert.NotEqual(shipped.Card.Id, learned.Card.Id);
        // What was made passes what everything that is served has to pass.
        Assert.Null(ModelFile.TryOpen(learned, threads: 1, out Pipeline.Predictor.Scoring.Scorer? scorer));
        scorer!.Dispose();
        Assert.Contains("on from gnn-", learned.Card.Training.Command, StringComparison.Ordinal);
        Assert.All(learned.Card.FeatureBins, b => Assert.Equal(1f, b.Shares.Sum(), 1e-3f));
    }

    [Fact]
    public void A_challenger_takes_over_only_with_confidence_and_not_at_the_cost_of_the_Brier_score()
    {
        Random random = new(3);
        double[] served = [.. Enumerable.Range(0, 144).Select(_ => 1 + random.NextDouble())];
        Assert.False(Judge(0, .5).IsBetter);
        Assert.True(Judge(.05, .02).IsBetter);
        Assert.False(Judge(.05, 2).IsBetter, "too noisy to tell");
        Assert.False(Judge(.05, .02, brier: 1.1).IsBetter);
        Assert.InRange(Judge(.05, .02).SurelyAtLeast, .02, Judge(.05, .02).Gain);

        Duel.Verdict Judge(double gain, double noise, double brier = 1)
        {
            Random own = new(4);
            double[] challenger = [.. served.Select(v => v - gain + noise * (own.NextDouble() - .5))];
            return Duel.Judge(new Duel.Losses(served, [.. served.Select(_ => 1.0)]), new Duel.Losses(challenger, [.. served.Select(_ => brier)]), SlotMs, Small);
        }
    }

    [Fact]
    public void Parts_do_not_know_what_came_in_the_next_and_too_few_slots_are_none()
    {
        Learner learner = new(Small, TimeProvider.System);
        int now = 3 * DaySlots - 1;
        int[] slots = [.. learner.Slots(now, SlotMs, 12)];
        Assert.Equal((now + 1 - 2 * 72 - DaySlots, now - 12), (slots[0], slots[^1]));
        Assert.Empty(learner.Slots(2 * 72 + 5, SlotMs, 12));
    }

    [Fact]
    public void Steps_of_the_topic_become_traces_by_cell_and_revisions_replace()
    {
        StepTable table = new();
        table.Add(Step("b", 1, .1f, .2f));
        table.Add(Step("b", 3, .3f, float.NaN));
        table.Add(Step("b", 1, .5f, .2f));
        table.Add(Step("a", 9, .7f, .7f));
        (string Cell, FleetTrace Trace)[] traces = [.. table.Traces(SlotMs, 100)];
        Assert.Equal(["a", "b"], traces.Select(t => t.Cell));
        FleetTrace trace = traces[1].Trace;
        Assert.Equal((3, 0L), (trace.SlotCount, trace.StartUnixMs));
        Assert.Equal([.5f, .2f, float.NaN, float.NaN, .3f, float.NaN], trace.Cpu);
        Assert.Equal((2, .3f), (table.Traces(SlotMs, 2).Last().Trace.SlotCount, table.Traces(SlotMs, 2).Last().Trace.Cpu[2]));
        Assert.Empty(table.Traces(SlotMs * 2, 100));
    }

    [Fact]
    public void Days_that_a_trace_lacks_are_said()
    {
        ModelFile shipped = ModelFile.Load(ModelFile.DefaultPath);
        Assert.Contains("has days 1 to 2", Run(2, 3), StringComparison.Ordinal);
        Assert.Contains("too few days before it", Run(2, 2, new LearningOptions { HeldOutHours = 24 }), StringComparison.Ordinal);

        string Run(int from, int to, LearningOptions? options = null) => Assert.Throws<UserException>(
            () => new TraceLearning(options ?? Small, TimeProvider.System).Run(Waves(2), "waves", shipped, from, to, TextWriter.Null, CancellationToken.None)).Message;
    }

    /// <summary>VMs whose load jumps between two levels every half an hour: plain to whoever has seen it, new to the shipped model.</summary>
    private static FleetTrace Waves(int days)
    {
        Random random = new(5);
        return TestFleet.Of(Vms, days * DaySlots, (slot, _) => (slot / 6 % 2 == 0 ? .15f : .65f) + .05f * random.NextSingle());
    }

    private static StepChunk Step(string cell, int step, params float[] cpu)
    {
        StepChunk chunk = new() { Cell = cell, StepMs = SlotMs, StepEndUnixMs = step * (long)SlotMs, Chunks = 1 };
        for (int v = 0; v < cpu.Length; v++)
            chunk.Vms.Add(new VmStep { Vm = $"vm{v}", Cores = 2, MemoryBytes = 1, Reports = float.IsNaN(cpu[v]) ? 0u : 1u, Own = float.IsNaN(cpu[v]) ? null : new Signals { CpuUtilization = cpu[v] } });
        return chunk;
    }
}
