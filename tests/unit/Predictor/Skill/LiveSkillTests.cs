using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Service;
using Pipeline.Predictor.Skill;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Predictor.Skill;

/// <summary>Live skill through the processor, over a fleet whose load is a function of VM and step.</summary>
public sealed class LiveSkillTests : IDisposable
{
    private const int Vms = 9, ChunkVms = 4;
    private const long Start = 1_700_000_100_000;

    /// <summary>Nothing fades, so that sums are plain sums.</summary>
    private static readonly SkillOptions Forever = new() { Fade = TimeSpan.FromDays(1e6), LongFade = TimeSpan.FromDays(1e6), FeatureFade = TimeSpan.FromDays(1e6), CasesMin = 1e9 };

    private readonly ServedModel _served = new(TestModel.Scorer(), "m");

    [Fact]
    public void Sums_are_those_of_the_forecasts_and_of_what_came_by_horizon_and_age()
    {
        const int Steps = 30;
        Recorder output = Run(Forever, 0, Steps, Busy);
        ModelSkill skill = output.Skills[^1];
        Assert.Equal((Steps, "m", false), (output.Skills.Count, skill.Model, skill.Shadow));
        foreach (SkillCell cell in skill.Cells)
        {
            (double cases, double pinball, double last, double mean, double brier, double covered) = (0, 0, 0, 0, 0, 0);
            int steps = (int)(cell.HorizonS / 300);
            foreach (PredictionChunk chunk in output.Predictions)
            {
                int made = (int)((chunk.StepEndUnixMs - Start) / 300_000), h = chunk.HorizonS.IndexOf(cell.HorizonS);
                for (int i = 0; i < chunk.Vm.Count && made + steps < Steps; i++)
                {
                    int vm = int.Parse(chunk.Vm[i].AsSpan(2));
                    if (GroupOf(chunk.AgeS[i]) != cell.AgeS || Enumerable.Range(made + 1, steps).Any(t => Silent(vm, t))) continue;
                    float peak = Enumerable.Range(made + 1, steps).Max(t => Known(vm, t));
                    int newest = made - (int)(chunk.AgeS[i] / 300);
                    float[] hour = [.. Enumerable.Range(newest - 11, 12).Where(t => !Silent(vm, t)).Select(t => Known(vm, t))];
                    float busy = chunk.BusyProbability[(i * 4) + h] - (peak >= .8f ? 1 : 0);
                    cases++;
                    for (int q = 0; q < 3; q++)
                    {
                        pinball += Pinball(peak, chunk.PeakQuantile[(((i * 4) + h) * 3) + q], chunk.Level[q]) / 3;
                        last += Pinball(peak, Known(vm, newest), chunk.Level[q]) / 3;
                        mean += Pinball(peak, hour.Average(), chunk.Level[q]) / 3;
                    }
                    brier += busy * (double)busy;
                    covered += peak <= chunk.PeakQuantile[(((i * 4) + h) * 3) + 2] ? 1 : 0;
                }
            }
            Assert.Equal(cases, cell.Cases, 1e-3);
            Assert.Equal(pinball, cell.Pinball, 1e-4);
            Assert.Equal(last, cell.PinballLast, 1e-4);
            Assert.Equal(mean, cell.PinballMean1H, 1e-4);
            Assert.Equal(brier, cell.Brier, 1e-4);
            Assert.Equal(covered, cell.Covered[2], 1e-3);
            Assert.Equal(cases, cell.BinCases.Sum(), 1e-3);
        }
        Assert.True(skill.Cells.Where(c => c.AgeS == 0).All(c => c.Cases > 50));
        Assert.Contains(skill.Cells, c => c.AgeS == 900 && c.Cases > 0);
    }

    [Fact]
    public void A_model_that_simple_signals_beat_is_demoted_and_its_predictions_say_so()
    {
        // Weights at random against a load that never changes: the last value is always right.
        Recorder output = Run(new SkillOptions { CasesMin = 50 }, 0, 10, (_, _) => .37f);
        ModelEvent demoted = Assert.Single(output.Skills.SelectMany(s => s.Events));
        Assert.Equal(ModelEvent.Types.Kind.Demoted, demoted.Kind);
        Assert.Contains("times those of the better simple signal; demoted", demoted.Text, StringComparison.Ordinal);
        Assert.False(output.Predictions[0].Demoted);
        Assert.True(output.Predictions[^1].Demoted);
        long since = output.Skills.First(s => s.Demoted).StepEndUnixMs;
        Assert.All(output.Predictions, p => Assert.Equal(p.StepEndUnixMs >= since, p.Demoted));
    }

    [Fact]
    public void After_a_restart_anywhere_records_are_byte_by_byte_what_they_would_have_been()
    {
        SkillOptions options = new() { CasesMin = 50 };
        Recorder whole = Run(options, 0, 24, Busy);
        foreach (int stop in new[] { 1, 7, 20 })
        {
            Recorder before = Run(options, 0, stop, Busy), after = new();
            PredictorProcessor next = Processor(options);
            foreach (ModelSkill skill in before.Skills) next.Restore(Record(Topics.ModelSkill.Name, 0, skill));
            long committed = stop * Chunks, from = next.ReplayFrom(committed);
            Assert.InRange(from, 0, Math.Max(0, stop - 12) * Chunks);
            Feed(next, DiscardOutput.Instance, (int)(from / Chunks), stop, Busy);
            Feed(next, after, stop, 24, Busy);
            Assert.Equal(whole.Skills.Skip(stop).Select(s => s.ToByteString()), after.Skills.Select(s => s.ToByteString()));
            Assert.Equal(whole.Predictions.Skip(stop * Chunks), after.Predictions);
        }
    }

    [Fact]
    public void A_shadow_is_scored_and_predicts_to_a_topic_of_its_own()
    {
        Assert.Null(_served.AddShadow(TestModel.File(), threads: 1));
        string shadow = TestModel.File().Card.Id;
        Recorder output = Run(Forever, 0, 6, Busy);
        Assert.All(output.Predictions, p => Assert.Equal("m", p.Model));
        Assert.All(output.ShadowPredictions, p => Assert.Equal(shadow, p.Model));
        Assert.Equal(output.Predictions.Select(p => (p.StepEndUnixMs, p.Chunk)), output.ShadowPredictions.Select(p => (p.StepEndUnixMs, p.Chunk)));
        Assert.Equal(6, output.Skills.Count(s => s.Shadow && s.Model == shadow));
        // The same weights under another name have the same skill.
        Assert.Equal(output.Skills.Last(s => !s.Shadow).Cells, output.Skills.Last(s => s.Shadow).Cells);
    }

    [Fact]
    public void A_revision_replaces_the_forecast_and_is_not_counted_twice()
    {
        PredictorProcessor processor = Processor(Forever);
        Recorder output = new();
        Feed(processor, output, 0, 2, Busy);
        Feed(processor, output, 1, 2, Busy);
        Assert.Equal(2, output.Skills.Count);
        Feed(processor, output, 2, 3, Busy);
        Assert.Equal(2 * Vms, output.Skills[^1].Cells.Where(c => c.HorizonS == 300).Sum(c => c.Cases), 1e-3);
    }

    [Fact]
    public void Skill_that_falls_below_that_of_the_week_is_told_once_and_when_it_is_back()
    {
        SkillOptions options = new() { CasesMin = 20, Fade = TimeSpan.FromMinutes(20), LongFade = TimeSpan.FromDays(7), PinballLead = 1e9, BrierLead = 1e9 };
        // A load that jumps is foretold by nobody; one that stands still is foretold perfectly by the last value, and so the model has no skill.
        float Load(int vm, int t) => t is >= 40 and < 60 ? .4f : Busy(vm, t);
        Recorder output = Run(options, 0, 100, Load);
        Assert.Equal([ModelEvent.Types.Kind.SkillDrift, ModelEvent.Types.Kind.SkillDriftEnded], output.Skills.SelectMany(s => s.Events).Select(e => e.Kind).Distinct());
    }

    public void Dispose() => _served.Dispose();

    private const int Chunks = (Vms + ChunkVms - 1) / ChunkVms;

    /// <summary>Loads of all sizes that change at random, the same in every run; some steps of some VMs are silent in <see cref="Snapshot"/>.</summary>
    private static float Busy(int vm, int step) => new Random((vm * 7919) + step + 1000).Next(100) / 100f;

    private static bool Silent(int vm, int step) => vm < 3 && (step + 40) % 17 < 2 + vm;

    private static float Known(int vm, int step) => (float)(Half)Busy(vm, step);

    private static uint GroupOf(uint age) => age == 0 ? 0 : age <= 900 ? 900u : age <= 1800 ? 1800u : age <= 3600 ? 3600u : uint.MaxValue;

    private static double Pinball(double actual, double quantile, double level) => Math.Max(level * (actual - quantile), (level - 1) * (actual - quantile));

    private PredictorProcessor Processor(SkillOptions options) => new(_served, new LiveSkill(_served, options));

    private Recorder Run(SkillOptions options, int from, int to, Func<int, int, float> load)
    {
        Recorder output = new();
        Feed(Processor(options), output, from, to, load);
        return output;
    }

    private static void Feed(PredictorProcessor processor, IOutput output, int from, int to, Func<int, int, float> load)
    {
        for (int step = from; step < to; step++)
        {
            SnapshotChunk[] chunks = Snapshot(step, load);
            for (int c = 0; c < chunks.Length; c++) processor.Process(Record(Topics.GraphSnapshots.Name, (step * Chunks) + c, chunks[c]), output);
        }
    }

    private static SnapshotChunk[] Snapshot(int step, Func<int, int, float> load)
    {
        SnapshotChunk[] chunks = TestModel.Snapshot(Vms, seed: step + 1, ChunkVms);
        foreach (SnapshotChunk chunk in chunks)
        {
            chunk.StepEndUnixMs = Start + (step * 300_000L);
            List<Half> window = [];
            for (int i = 0; i < chunk.Vm.Count; i++)
            {
                int vm = (int)chunk.FirstRow + i;
                for (int t = step - 35; t <= step; t++) window.AddRange(Silent(vm, t) ? [Half.NaN, Half.NaN, Half.NaN] : [(Half)load(vm, t), (Half).5f, (Half)1f]);
            }
            chunk.Window = TestModel.Bytes(window);
        }
        return chunks;
    }

    private static StreamRecord Record(string topic, long offset, IMessage value) => new()
    {
        Topic = topic,
        Partition = 0,
        Offset = offset,
        TimestampUnixMs = Start,
        Key = Encoding.UTF8.GetBytes("c"),
        Value = value.ToByteArray(),
    };

    private sealed class Recorder : IOutput
    {
        public List<PredictionChunk> Predictions { get; } = [];

        public List<PredictionChunk> ShadowPredictions { get; } = [];

        public List<ModelSkill> Skills { get; } = [];

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T>
        {
            Assert.True(topic.TryRead(new RecordContext(key, 0), value.ToByteArray(), out T read, out string reason), reason);
            if (read is PredictionChunk prediction) (topic.Name == Topics.VmPredictions.Name ? Predictions : ShadowPredictions).Add(prediction);
            if (read is ModelSkill skill) Skills.Add(skill);
        }

        public void DeadLetter(in StreamRecord record, string reason) => Assert.Fail(reason);
    }
}
