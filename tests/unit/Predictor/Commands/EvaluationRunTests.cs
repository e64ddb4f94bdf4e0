using Pipeline.Predictor.Commands;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;

namespace Pipeline.Tests.Unit.Predictor.Commands;

public sealed class EvaluationRunTests
{
    private const int Vms = 24, Slots = 480, Horizons = 4, Ages = 4;

    /// <summary>Every VM is busy once an hour, in its own minute; now and then it does not report. Of other signals there are none.</summary>
    private static float Utilization(int slot, int vm) => (slot + 7 * vm) % 97 == 0 ? float.NaN : slot % 12 == vm % 12 ? .95f : .1f;

    [Fact]
    public void Every_method_answers_at_every_horizon_and_age()
    {
        EvaluationRun run = new()
        {
            Source = new TraceSource("test", TestFleet.Of(Vms, Slots, Utilization)),
            Slots = null,
            ModelPath = ModelFile.DefaultPath,
            Baselines = BaselineNames.Parse("all"),
            Every = 5,
            BusyThreshold = null,
            Threads = 2,
        };
        (EvaluationRecord record, _) = run.Run(TextWriter.Null, CancellationToken.None);
        string[] wanted = ["network", "network-no-edges", "network-shuffled-edges", "logistic", "last", "mean-1h", "mean-plus-sd", "ewma", "yesterday"];
        Assert.Empty(wanted.Except(record.Results.Select(r => r.Method)));
        foreach (IGrouping<string, EvaluationResult> method in record.Results.GroupBy(r => r.Method))
        {
            Assert.Equal(Horizons * Ages, method.Select(r => (r.HorizonSteps, r.StaleSteps)).Distinct().Count());
            Assert.All(method, r => Assert.InRange(r.AveragePrecision, 0, 1));
            Assert.All(method, r => Assert.InRange(r.Ece, 0, 1));
        }
        // The rhythm can be known by who reported what, when, in the hour before.
        EvaluationResult logistic = record.Results.First(r => r is { Method: "logistic", HorizonSteps: 1, StaleSteps: 6 });
        Assert.True(logistic.AveragePrecision > 2 * logistic.BaseRate, $"{logistic.AveragePrecision} of {logistic.BaseRate}");
    }
}
