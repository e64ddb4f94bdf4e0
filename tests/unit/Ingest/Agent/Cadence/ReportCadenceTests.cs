using CsCheck;
using Pipeline.Ingest.Agent.Cadence;
using Pipeline.Tests.Unit.Ingest.Replay;

namespace Pipeline.Tests.Unit.Ingest.Agent.Cadence;

public sealed class ReportCadenceTests
{
    [Fact]
    public void While_nothing_changes_reports_come_half_as_often_each_time_up_to_the_limit()
    {
        ReportCadence cadence = new(new CadenceOptions { PartsMax = 6 });
        List<int> spans = [];
        int held = 0;
        for (int part = 0; part < 40; part++)
        {
            held++;
            if (cadence.End(.3 + (part % 2 * .01), closely: false) == CadenceDecision.Hold) continue;
            spans.Add(held);
            held = 0;
        }

        Assert.Equal([1, 1, 2, 4, 6, 6, 6, 6], spans.Take(8));
    }

    [Fact]
    public void A_change_is_reported_at_once_apart_from_what_was_held_and_closely_from_then_on()
    {
        ReportCadence cadence = new(new CadenceOptions { PartsMax = 8, Tolerance = .1 });
        for (int part = 0; part < 5; part++) cadence.End(.3, closely: false);

        Assert.Equal(CadenceDecision.ReportHeldThenPart, cadence.End(.9, closely: false));
        Assert.Equal(CadenceDecision.Report, cadence.End(.5, closely: false));
        Assert.Equal(CadenceDecision.Report, cadence.End(.5, closely: false));
        Assert.Equal(CadenceDecision.Hold, cadence.End(.5, closely: false));
    }

    [Fact]
    public void Who_is_asked_reports_every_part_with_what_was_held()
    {
        ReportCadence cadence = new(new CadenceOptions());
        for (int part = 0; part < 10; part++) cadence.End(.3, closely: false);

        Assert.Equal(Enumerable.Repeat(CadenceDecision.Report, 5), Enumerable.Range(0, 5).Select(_ => cadence.End(.3, closely: true)));
        Assert.Equal(CadenceDecision.Report, cadence.End(.3, closely: false));
        Assert.Equal(CadenceDecision.Hold, cadence.End(.3, closely: false));
    }

    [Fact]
    public void With_a_limit_of_one_every_part_is_a_report()
    {
        ReportCadence cadence = new(new CadenceOptions { PartsMax = 1 });

        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(CadenceDecision.Report, cadence.End(i % 7 / 10.0, closely: false)));
    }

    [Fact]
    public void What_is_believed_is_never_off_by_more_than_the_tolerance_and_no_part_is_left_out() =>
        Gen.Select(Gen.Double[0, 1].Array[1, 100], Gen.Int[1, 12], Gen.Double[.01, .3]).Sample((parts, limit, tolerance) =>
        {
            ReportCadence cadence = new(new CadenceOptions { PartsMax = limit, Tolerance = tolerance });
            double believed = double.NaN, sum = 0;
            int held = 0;
            foreach (double part in parts)
            {
                CadenceDecision decision = cadence.End(part, closely: false);
                (sum, held) = decision == CadenceDecision.ReportHeldThenPart ? (part, 1) : (sum + part, held + 1);
                if (decision != CadenceDecision.Hold) (believed, sum, held) = (sum / held, 0, 0);
                Assert.True(held < limit);
                if (held > 0) Assert.True(Math.Abs(believed - part) <= tolerance);
            }
        });

    [Fact]
    public void A_trial_of_a_trace_with_no_tolerance_to_speak_of_sends_everything_that_changes()
    {
        CadenceResult exact = CadenceTrial.Run(SmallTraces.Fleet(5, 100), new CadenceOptions { PartsMax = 1 }, 6);
        CadenceResult loose = CadenceTrial.Run(SmallTraces.Fleet(5, 100), new CadenceOptions { PartsMax = 12, Tolerance = .05 }, 6);

        Assert.Equal((499L, 499L, 0.0), (exact.Slots, exact.Reports, exact.PresentError));
        Assert.Equal(exact.FullForecastError, exact.ForecastError);
        Assert.InRange(loose.ReportShare, .1, .6);
        Assert.InRange(loose.PresentError, .001, .05);
    }
}
