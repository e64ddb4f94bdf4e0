using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.TimeSeries;
using Pipeline.Processors.Store;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Processors.Store;

public sealed class PointMapperTests
{
    private const long StepNs = Samples.Time * 1_000_000L;

    [Fact]
    public void A_step_becomes_a_point_per_vm_with_what_was_measured()
    {
        StepChunk chunk = new()
        {
            Cell = "cell-0",
            StepEndUnixMs = Samples.Time,
            StepMs = 300_000,
            Chunks = 1,
            Vms = { new VmStep { Vm = "vm-1", Cores = 4, Reports = 2, Revised = 1, Own = new Signals { CpuUtilization = .25f } }, new VmStep { Vm = "vm-2", Cores = 2, Late = 3, Missing = 5, Recovered = 2 } },
        };
        List<Point> points = Map(Topics.VmSteps, "cell-0", chunk);
        Assert.Equal(3, points.Count);
        Assert.Equal(("cell_step", StepNs), (points[0].Measurement, points[0].TimeUnixNs));
        Assert.Equal([new Tag("cell", "cell-0"), new Tag("chunk", "0")], points[0].Tags);
        Assert.Equal(
            [new Field("vms", 2L), new Field("vms_reporting", 1L), new Field("in_time", 1L), new Field("revised", 1L), new Field("late", 3L), new Field("repeated", 0L), new Field("missing", 5L), new Field("recovered", 2L)],
            points[0].Fields);
        points.RemoveAt(0);
        Assert.Equal("vm_step", points[0].Measurement);
        Assert.Equal(StepNs, points[0].TimeUnixNs);
        Assert.Equal([new Tag("cell", "cell-0"), new Tag("vm", "vm-1")], points[0].Tags);
        Assert.Contains(new Field("free_cores", 3.0), points[0].Fields);
        Assert.Contains(new Field("reports", 2L), points[0].Fields);
        Assert.DoesNotContain(points[1].Fields, f => f.Key is "cpu" or "free_cores");
    }

    [Fact]
    public void Events_of_one_kind_at_one_step_stay_apart()
    {
        CommunityEvent born = new() { Kind = CommunityEvent.Types.Kind.Born, Community = 7 };
        CommunityChunk chunk = new()
        {
            Cell = "cell-0",
            StepEndUnixMs = Samples.Time,
            StepMs = 300_000,
            Chunks = 1,
            Communities = { new Community { Id = 7, Vms = 3, VmsReporting = 2, Cores = 8, FreeCores = 5.5, Stability = .5f } },
            Events = { born, new CommunityEvent(born) { Community = 8 } },
        };
        List<Point> points = Map(Topics.GraphCommunities, "cell-0", chunk);
        Assert.Equal("community_step", points[0].Measurement);
        Assert.Equal([new Field("vms", 3L), new Field("vms_reporting", 2L), new Field("cores", 8.0), new Field("free_cores", 5.5), new Field("stability", .5)], points[0].Fields);
        Assert.Equal([StepNs, StepNs + 1], points.Skip(1).Select(p => p.TimeUnixNs));
    }

    [Fact]
    public void A_prediction_names_its_quantiles_by_level_and_horizon()
    {
        PredictionChunk chunk = new()
        {
            Cell = "cell-0",
            StepEndUnixMs = Samples.Time,
            StepMs = 300_000,
            Chunks = 1,
            Vm = { "vm-1" },
            Cores = { 4 },
            MemoryBytes = { 1 },
            HorizonS = { 300, 1800 },
            Level = { .5f, .95f },
            PeakQuantile = { .1f, .2f, .3f, .4f },
            BusyProbability = { .01f, .02f },
            CpuUtilization = { .1f },
            AgeS = { 0 },
            Community = { 3 },
        };
        Point point = Assert.Single(Map(Topics.VmPredictions, "cell-0", chunk));
        Assert.Contains(new Field("q95_30m", (double).4f), point.Fields);
        Assert.Contains(new Field("q50_5m", (double).1f), point.Fields);
        Assert.Contains(new Field("busy_30m", (double).02f), point.Fields);
    }

    [Fact]
    public void Calls_of_one_millisecond_differ_in_the_nanoseconds_and_a_repeat_does_not()
    {
        Completion first = Completion("f-1"), second = Completion("f-2");
        long a = Map(Topics.FunctionCompletions, "f", first)[0].TimeUnixNs, b = Map(Topics.FunctionCompletions, "f", second)[0].TimeUnixNs;
        Assert.NotEqual(a, b);
        Assert.Equal(Samples.Time, a / 1_000_000);
        Assert.Equal(a, Map(Topics.FunctionCompletions, "f", first)[0].TimeUnixNs);
    }

    [Fact]
    public void Live_skill_is_stored_as_means_by_horizon_and_age_and_its_events()
    {
        ModelSkill skill = new()
        {
            Cell = "c",
            Model = "m",
            Shadow = true,
            StepEndUnixMs = Samples.Time,
            StepMs = 300_000,
            Level = { .5f, .95f },
            Cells =
            {
                new SkillCell
                {
                    HorizonS = 1800, AgeS = uint.MaxValue, Cases = 4, Pinball = 1, PinballLast = 2, PinballMean1H = 3, Brier = .4, BrierLast = 1, BrierMean1H = 2, Busy = 1,
                    Covered = { 2, 3 }, BinCases = { 3, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, BinProbability = { .2, 0, 0, 0, 0, 0, 0, 0, 0, .9 }, BinBusy = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
                },
                new SkillCell { HorizonS = 300, Covered = { 0, 0 }, BinCases = { new double[10] }, BinProbability = { new double[10] }, BinBusy = { new double[10] } },
            },
            Events = { new ModelEvent { Kind = ModelEvent.Types.Kind.FeatureDrift, Feature = "peak_36", Value = .3, Reference = .25, Text = "t" } },
        };
        List<Point> points = Map(Topics.ModelSkill, "c", skill);
        Assert.Equal(["model_skill", "model_event"], points.Select(p => p.Measurement));
        Assert.Equal("c m shadow 30m older", string.Join(' ', points[0].Tags.Select(t => t.Value)));
        Dictionary<string, double> fields = points[0].Fields.Where(f => f.Kind == FieldKind.Float).ToDictionary(f => f.Key, f => f.AsFloat);
        Assert.Equal((.25, .5, .75, .5, .75), (fields["pinball"], fields["pinball_last"], fields["pinball_mean_1h"], fields["covered_50"], fields["covered_95"]));
        Assert.Equal((.1, .25, .075), (fields["brier"], fields["busy_rate"], Math.Round(fields["calibration_error"], 6)));
        Assert.Equal("c m shadow feature_drift", string.Join(' ', points[1].Tags.Select(t => t.Value)));
        Assert.All(points, p => Assert.Contains(p.Fields, f => f.Key == PointMapper.CountedField[p.Measurement]));
    }

    [Fact]
    public void What_cannot_be_read_is_said()
    {
        List<Point> points = [];
        string? reason = PointMapper.Map(Record(Topics.VmSteps, "cell-0", [1, 2, 3]), points);
        Assert.StartsWith("not a StepChunk", reason, StringComparison.Ordinal);
        Assert.Empty(points);
    }

    private static Completion Completion(string id) => new()
    {
        InvocationId = id,
        Function = "f",
        Tenant = "t",
        Vm = "vm-1",
        TimeUnixMs = Samples.Time,
        WallMs = 12.5,
        CpuS = .01,
        Outcome = Pipeline.Schemas.Completion.Types.Outcome.Succeeded,
    };

    private static List<Point> Map<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T>
    {
        List<Point> points = [];
        Assert.Null(PointMapper.Map(Record(topic, key, value.ToByteArray()), points));
        return points;
    }

    private static StreamRecord Record(TopicSpec topic, string key, byte[] value) => new()
    {
        Topic = topic.Name,
        Partition = 0,
        Offset = 0,
        TimestampUnixMs = Samples.Time,
        Key = Encoding.UTF8.GetBytes(key),
        Value = value,
    };
}
