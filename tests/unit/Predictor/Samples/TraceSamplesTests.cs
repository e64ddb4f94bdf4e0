using Pipeline.Infra.Traces;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Training;
using Pipeline.Processors.History;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Tests.Unit.Predictor.Samples;

public sealed class TraceSamplesTests
{
    private const int Vms = 8, Slots = 60, Horizons = 4, Thresholds = 2;

    private static readonly InputSignature Signature = TestModel.Signature with { Signals = SignalSet.Names, FeatureSet = FeatureSet.Version, Features = FeatureSet.Names };

    [Fact]
    public void What_came_true_is_one_or_nothing()
    {
        TrainingBatch batch = Fill(teacher: null);
        for (int row = 0; row < batch.Queries; row++)
            for (int h = 0; h < Horizons; h++)
                for (int b = 0; b < Thresholds; b++)
                    Assert.Equal(batch.Target[row * Horizons + h] >= Signature.BusyThresholds[b] ? 1f : 0f, batch.Reached[(row * Horizons + h) * Thresholds + b]);
    }

    [Fact]
    public void Of_the_highest_threshold_half_is_the_teachers_belief()
    {
        TeacherChances teacher = new(Slots, Vms, Horizons);
        for (int slot = 0; slot < Slots; slot++) teacher.Set(slot, [.. Enumerable.Repeat((Half).25, 2 * Vms * Horizons)]);
        TrainingBatch alone = Fill(teacher: null), taught = Fill(teacher);
        Assert.Equal(alone.Queries, taught.Queries);
        Assert.Equal(alone.Target, taught.Target);
        for (int i = 0; i < alone.Queries * Horizons; i++)
        {
            Assert.Equal(alone.Reached[2 * i], taught.Reached[2 * i]);
            Assert.Equal((alone.Reached[2 * i + 1] + .25f) / 2, taught.Reached[2 * i + 1]);
        }
        Assert.Contains(1f, alone.Reached);
    }

    [Fact]
    public void What_a_silent_vm_is_taught_knows_no_more_than_it_does()
    {
        TeacherChances teacher = new(Slots, Vms, Horizons);
        for (int slot = 0; slot < Slots; slot++)
            teacher.Set(slot, [.. Enumerable.Repeat((Half)1, Vms * Horizons), .. Enumerable.Repeat((Half)0, Vms * Horizons)]);
        TrainingBatch alone = Fill(teacher: null), taught = Fill(teacher);
        int silent = 0;
        for (int row = 0; row < alone.Queries; row++)
        {
            bool withheld = alone.Inputs.Age[row] > 0;
            silent += withheld ? 1 : 0;
            Assert.Equal((alone.Reached[row * Horizons * Thresholds + 1] + (withheld ? 0f : 1f)) / 2, taught.Reached[row * Horizons * Thresholds + 1]);
        }
        Assert.InRange(silent, 1, alone.Queries - 1);
    }

    [Fact]
    public void Slots_that_the_teacher_does_not_know_are_learned_from_the_truth() => Assert.Equal(Fill(teacher: null).Reached, Fill(new TeacherChances(Slots, Vms, Horizons)).Reached);

    private static TrainingBatch Fill(TeacherChances? teacher)
    {
        Random random = new(2);
        FleetTrace fleet = TestFleet.Of(Vms, Slots, (_, _) => random.NextSingle());
        TraceSnapshots trace = TraceSnapshotBuilder.Build(fleet, "test", _ => true, TraceSnapshotBuilder.Random(1, 12));
        TraceSamples samples = new(trace, Signature, [40], impaired: false, teacher: teacher);
        TrainingBatch batch = new(Signature);
        samples.Fill(0, seed: 6, batch);
        return batch;
    }
}
