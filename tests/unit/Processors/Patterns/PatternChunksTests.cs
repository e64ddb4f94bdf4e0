using Google.Protobuf;
using Pipeline.Processors.Patterns;
using Pipeline.Schemas;
using Kind = Pipeline.Schemas.Pattern.Types.Kind;
using Message = Pipeline.Schemas.Pattern;
using Pattern = Pipeline.Processors.Patterns.Pattern;

namespace Pipeline.Tests.Unit.Processors.Patterns;

public sealed class PatternChunksTests
{
    private static readonly PatternFrame Frame = new("zone-a", 3_900_000, 3_000_000, 300_000, 2);

    [Fact]
    public void A_kind_carries_its_measures_and_no_more()
    {
        SeriesMeasures measures = new(SeriesKind.Steady, .5f, 9, .3f, .01f, .4f, .35f, 0, 0, 0, 0, 0, .02f, .1f);
        Message message = Write(new Pattern { Kind = PatternKind.Steady, Subject = PatternSubject.Vm(1), StartStep = 2, Strength = .5f, Measures = measures });

        Assert.Equal((Kind.Steady, "b", Message.OtherOneofCase.None), (message.Kind, message.Vm, message.OtherCase));
        // Ten steps end at 3,000,000: step 2 begins at 600,000.
        Assert.Equal(600_000, message.StartUnixMs);
        Assert.Equal((9u, .3f, .4f, .35f, .01f), (message.KnownSteps, message.Mean, message.Peak, message.Percentile99, message.Spread));
        Assert.False(message.HasPeriodSteps || message.HasLagSteps || message.HasPValue || message.HasMagnitude);
    }

    [Fact]
    public void A_leader_names_its_follower_and_a_co_burst_the_other_community()
    {
        Message lead = Write(new Pattern
        {
            Kind = PatternKind.Leads,
            Subject = PatternSubject.Vm(0),
            Other = PatternSubject.Vm(1),
            StartStep = 0,
            Strength = .6f,
            LagSteps = 3,
            Correlation = -.6f,
            PValue = 1e-9,
        });
        Message turn = Write(new Pattern
        {
            Kind = PatternKind.InTurn,
            Subject = PatternSubject.Community(0),
            Other = PatternSubject.Community(1),
            StartStep = 1,
            Strength = .9f,
            LagSteps = 5,
            Episodes = 8,
            Lift = 12,
            PValue = 1e-7,
        });

        Assert.Equal((Kind.Leads, "a", "b", 3u, -.6f, 1e-9), (lead.Kind, lead.Vm, lead.OtherVm, lead.LagSteps, lead.Correlation, lead.PValue));
        Assert.False(lead.HasEpisodes);
        Assert.Equal((Kind.InTurn, 100u, 101u, 5u, 8u, 12f), (turn.Kind, turn.Community, turn.OtherCommunity, turn.LagSteps, turn.Episodes, turn.Lift));
        Assert.False(turn.HasCorrelation);
    }

    [Fact]
    public void A_level_shift_carries_its_levels()
    {
        Message message = Write(new Pattern
        {
            Kind = PatternKind.LevelShift,
            Subject = PatternSubject.Community(3),
            StartStep = 4,
            Strength = .8f,
            Shift = new LevelShift(4, .2f, .5f, 9, .8f),
        });
        Assert.Equal((103u, .2f, .5f, 9f), (message.Community, message.LevelBefore, message.LevelAfter, message.Z));
        Assert.Equal(.3, message.Magnitude, 1e-6);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1000, 1)]
    [InlineData(1001, 2)]
    [InlineData(2500, 3)]
    public void Chunks_hold_all_patterns_in_order_and_stay_small(int count, int chunks)
    {
        SeriesMeasures measures = new(SeriesKind.Periodic, .5f, 2016, .3f, .01f, .4f, .35f, 288, .7f, .3f, .1f, 9, .02f, .1f);
        List<Pattern> patterns =
        [
            .. Enumerable.Range(0, count).Select(i => new Pattern { Kind = PatternKind.Periodic, Subject = PatternSubject.Vm(i), StartStep = 0, Strength = 1, Measures = measures }),
        ];
        List<PatternChunk> written = [.. PatternChunks.Write(patterns, Frame, 10, [.. patterns.Select((_, i) => $"vm-{i:00000}")], label => (uint)label)];

        Assert.Equal(chunks, written.Count);
        Assert.Equal(patterns.Select((_, i) => $"vm-{i:00000}"), written.SelectMany(c => c.Patterns).Select(p => p.Vm));
        Assert.All(written, (c, i) => Assert.Equal(("zone-a", 3_900_000L, 300_000u, 2u, (uint)i, (uint)chunks, 10u), (c.Cell, c.StepEndUnixMs, c.StepMs, c.Revision, c.Chunk, c.Chunks, c.Steps)));
        Assert.All(written, c => Assert.InRange(c.CalculateSize(), 0, 250_000));
    }

    [Fact]
    public void Every_kind_has_its_name_in_the_contract()
        => Assert.All(Enum.GetValues<PatternKind>(), kind => Assert.Equal(
            kind.ToString(), Write(new Pattern { Kind = kind, Subject = PatternSubject.Vm(0), StartStep = 0, Strength = 0 }).Kind.ToString()));

    private static Message Write(Pattern pattern) => PatternChunks.Write([pattern], Frame, 10, ["a", "b"], label => 100u + (uint)label).Single().Patterns.Single();
}
