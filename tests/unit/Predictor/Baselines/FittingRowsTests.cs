using Pipeline.Predictor.Baselines;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;

namespace Pipeline.Tests.Unit.Predictor.Baselines;

public sealed class FittingRowsTests
{
    private const int Vms = 12, Slots = 300;

    [Fact]
    public void Of_busy_VMs_those_teach_that_have_just_reported()
    {
        EvaluationOptions options = new() { HorizonSteps = [1, 3], Levels = [.5f], BusyThreshold = .8f };
        // Half of the VMs are always busy, the others never.
        TraceSnapshots trace = TraceSnapshotBuilder.Build(TestFleet.Of(Vms, Slots, (_, vm) => vm % 2 == 0 ? .95f : .1f), "test", _ => true, TraceSnapshotBuilder.Random(1, 12));
        TraceTruth truth = new(trace.Utilization, Vms, trace.StepMs);
        FittingRows rows = FittingRows.Draw(new PeerFeatures(trace, truth), trace, truth, options, Enumerable.Range(0, Slots - 3), seed: 1);
        int busy = rows.BusyLabels([.. Enumerable.Range(0, rows.Count)], 0, .8f).Count(b => b == 1);
        Assert.True(busy > 100, $"{busy} busy rows");

        Assert.DoesNotContain(1f, rows.BusyLabels(rows.Onsets(), 0, .8f));
        Assert.Equal(rows.Count - busy, rows.Onsets().Length);
        int reporting = rows.OnsetsAndReporting().Length - rows.Onsets().Length;
        Assert.InRange(reporting / (double)busy, .2, .5);
        Assert.Equal(reporting, rows.BusyLabels(rows.OnsetsAndReporting(), 0, .8f).Count(b => b == 1));
    }
}
