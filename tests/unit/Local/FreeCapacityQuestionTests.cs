using Pipeline.Infra.EmbeddedStore;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.TimeSeries;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Processors.Store;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation;
using Store = Pipeline.Infra.EmbeddedStore.EmbeddedStore;

namespace Pipeline.Tests.Unit.Local;

public sealed class FreeCapacityQuestionTests
{
    private const long HourMs = 3_600_000;

    [Fact]
    public async Task The_sql_of_the_readme_answers_what_the_topic_says()
    {
        List<StreamRecord> records = Play();
        List<Point> points = [];
        Assert.All(records, r => Assert.Null(PointMapper.Map(r, points)));
        using Store store = Store.Open(null);
        await store.WriteAsync(points, CancellationToken.None);

        Dictionary<(long Hour, string Cell, uint Community), List<double>> hours = [];
        foreach (CommunityChunk chunk in records.Select(r => CommunityChunk.Parser.ParseFrom(r.Value)))
        {
            foreach (Community community in chunk.Communities)
            {
                (long, string, uint) key = (chunk.StepEndUnixMs / HourMs, chunk.Cell, community.Id);
                if (!hours.TryGetValue(key, out List<double>? values)) hours[key] = values = [];
                values.Add(community.FreeCores);
            }
        }
        Assert.Equal(
            hours.Select(h => (h.Key.Hour, h.Key.Cell, $"{h.Key.Community}", Math.Round(h.Value.Average(), 9))).OrderByDescending(h => h.Item4).Take(5),
            store.Query(Question("sql")).Select(r => (new DateTimeOffset((DateTime)r["hour"]!, TimeSpan.Zero).ToUnixTimeMilliseconds() / HourMs, (string)r["cell"]!, (string)r["community"]!, Math.Round((double)r["free_cores"]!, 9))));
    }

    [Theory]
    [InlineData("sql")]
    [InlineData("influxql")]
    public void The_readme_shows_the_question_that_is_tested(string language) =>
        Assert.Contains($"```{language}\n{Question(language)}```", File.ReadAllText(Path.Combine(Repository.Root, "README.md")), StringComparison.Ordinal);

    private static string Question(string language) => File.ReadAllText(Path.Combine(Repository.Root, "infra", "local", "questions", "free-capacity." + language));

    private static List<StreamRecord> Play()
    {
        FleetTrace fleet = FleetTrace.Load(CommittedTraces.Fleet);
        TracePlayer player = new(fleet, null, new ReplayOptions { Vms = 40, Cells = 2, Hours = 6, StartSlot = 9 * 288, Invocations = 0 });
        using SimulatedPipeline pipeline = new(fleet, FunctionTrace.Load(CommittedTraces.Functions), DateTimeOffset.FromUnixTimeMilliseconds(player.StartUnixMs), seed: 1);
        pipeline.Play(player);
        return [.. pipeline.Kafka.Records(Topics.GraphCommunities.Name)];
    }
}
