using Google.Protobuf;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.TimeAware;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Processors.TimeAware;

public sealed class ShortTermTests
{
    private const long Hour = 3_600_000;

    private static readonly SlotClock Clock = new();

    [Fact]
    public void A_predictor_that_knows_more_is_listened_to_though_it_means_peaks_and_intervals_become_narrower()
    {
        (double error, double width, Outlook with) = Run(share => .1 + (.8 * share));
        (double errorAlone, double widthAlone, Outlook without) = Run(_ => double.NaN);
        Assert.True(with.ListensToPredictor);
        Assert.False(without.ListensToPredictor);
        Assert.True(error < .5 * errorAlone, $"{error} {errorAlone}");
        Assert.True(width < .7 * widthAlone, $"{width} {widthAlone}");
    }

    [Fact]
    public void A_predictor_that_knows_nothing_does_no_harm()
    {
        SplitMix random = new(5);
        (double error, _, _) = Run(_ => random.NextDouble());
        (double alone, _, _) = Run(_ => double.NaN);
        Assert.InRange(error, 0, alone * 1.05);
    }

    [Fact]
    public void The_service_takes_the_middle_of_the_peaks_over_a_slot_of_the_vms_of_each_group()
    {
        LiveFleet live = new(Clock, ProfileOptions.Default);
        RecordedOutput output = new();
        AdviceProcessor processor = new(live, new ScaleRequest());
        SplitMix random = new(11);
        float next = .3f;
        for (int h = 0; h < 24 * 8; h++)
        {
            float now = next;
            next = .2f + (.5f * (float)random.NextDouble());
            // The word about an hour is there when the last step of the one before it is taken: that of the step before.
            for (int s = 1; s <= 12; s++)
            {
                StepChunk step = new() { Cell = "c", StepEndUnixMs = SlotClockTests.Monday + (h * Hour) + (s * Hour / 12), StepMs = (uint)Hour / 12, Chunks = 1 };
                for (int v = 0; v < 3; v++) step.Vms.Add(new VmStep { Vm = $"vm{v}", Cores = 4, MemoryBytes = 1 << 30, Reports = 1, Own = new Signals { CpuUtilization = now } });
                processor.Process(Record(Topics.VmSteps, step), output);
                live.Apply(Record(Topics.VmPredictions, Prediction(step.StepEndUnixMs, next)), output);
            }
        }
        Assert.Empty(output.DeadLetters);
        Assert.True(live.Fleet.Cells["c"].Whole.Cpu.ListensToPredictor);
    }

    [Fact]
    public void Old_predictions_and_those_of_other_horizons_say_nothing()
    {
        PredictionIntake intake = new(3600);
        intake.Take(Prediction(2 * Hour, .5f));
        intake.Take(Prediction(Hour, .9f));
        PredictionChunk other = Prediction(3 * Hour, .9f);
        other.HorizonS[1] = 1800;
        intake.Take(other);
        Assert.Equal((2 * Hour, .5f), (intake.StepEndUnixMs, intake.PeakOf("vm1")));
        Assert.True(float.IsNaN(intake.PeakOf("vm9")));
    }

    /// <summary>Shares that no past tells; mean error and width of the 95 % interval of the last half, and the outlook.</summary>
    private static (double Error, double Width, Outlook Outlook) Run(Func<double, double> said)
    {
        SplitMix random = new(3);
        Outlook outlook = new(Clock, ProfileOptions.Default);
        long start = Clock.SlotOf(SlotClockTests.Monday);
        double error = 0, width = 0, next = .5;
        int n = 0;
        for (int h = 0; h < 24 * 40; h++)
        {
            double now = next;
            if (h > 24 * 20)
            {
                SlotForecast forecast = outlook.At(1);
                (error, width, n) = (error + Math.Abs(now - forecast.Share), width + forecast.High95 - forecast.Low95, n + 1);
            }
            next = .2 + (.5 * random.NextDouble());
            outlook.Observe(start + h, now, now, said(next));
        }
        return (error / n, width / n, outlook);
    }

    private static PredictionChunk Prediction(long stepEnd, float peak)
    {
        PredictionChunk chunk = new() { Cell = "c", StepEndUnixMs = stepEnd, StepMs = 300_000, Chunks = 1, Model = "m", HorizonS = { 300, 3600 }, Level = { .05f, .5f, .95f } };
        for (int v = 0; v < 3; v++)
        {
            chunk.Vm.Add($"vm{v}");
            chunk.Cores.Add(4);
            chunk.MemoryBytes.Add(1 << 30);
            chunk.PeakQuantile.AddRange([0, peak / 2, peak, 0, peak, 1]);
            chunk.BusyProbability.AddRange([0, 0]);
            chunk.CpuUtilization.Add(.1f);
            chunk.AgeS.Add(0);
            chunk.Community.Add(0);
        }
        return chunk;
    }

    private static StreamRecord Record<T>(TopicSpec<T> topic, T value)
        where T : IMessage<T> => new() { Topic = topic.Name, Partition = 0, Offset = 0, TimestampUnixMs = 0, Key = "c"u8.ToArray(), Value = value.ToByteArray() };
}
