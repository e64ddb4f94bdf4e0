using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Unit.Infra.Streaming;

public sealed class StreamLoopTests : IDisposable
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(Schemas.Samples.Time));
    private readonly SimulatedKafka kafka;
    private readonly StreamStatus status = new("numbering");

    public StreamLoopTests() => kafka = SimulatedKafka.WithCatalogue(time);

    public void Dispose() => status.Dispose();

    [Fact]
    public void Outputs_are_seen_only_once_the_interval_has_passed()
    {
        Send("a", "b");
        using StreamLoop loop = Loop();
        Step(loop, 10);
        Assert.Empty(Outputs());
        time.Advance(TimeSpan.FromMilliseconds(100));
        loop.Step(TimeSpan.Zero);
        Assert.Equal(["a 1", "b 1"], Outputs());
    }

    [Fact]
    public void Low_latency_commits_as_soon_as_no_input_waits()
    {
        Send("a", "a");
        using StreamLoop loop = Loop(new StreamOptions { CommitInterval = TimeSpan.Zero });
        Step(loop, 3);
        Assert.Equal(["a 1", "a 2"], Outputs());
        Assert.Equal(1, status.Transactions);
    }

    [Fact]
    public void A_crash_in_mid_transaction_leaves_no_trace_and_the_next_life_goes_on()
    {
        Send("a", "b", "a");
        StreamLoop first = Loop();
        Step(first, 2);
        first.Commit();
        Send("b");
        Step(first, 5);
        // The first life is never heard of again: no commit, no abort, no leaving.
        kafka.Group("numbering").Remove(1);
        using StreamLoop second = Loop();
        Step(second, 10);
        second.Commit();
        Assert.Equal(["a 1", "a 2", "b 1", "b 2"], Outputs().Order());
    }

    [Fact]
    public void A_zombie_is_fenced_and_throws()
    {
        Send("a");
        StreamLoop zombie = Loop();
        Step(zombie, 1);
        using StreamLoop heir = Loop();
        Assert.Throws<StreamClientException>(zombie.Commit);
        Assert.Empty(Outputs());
    }

    [Fact]
    public void A_second_member_takes_its_share_and_state_moves_with_the_partition()
    {
        string[] keys = [.. Enumerable.Range(0, 20).Select(i => "k" + i.ToString(CultureInfo.InvariantCulture))];
        Send(keys);
        using StreamLoop first = Loop();
        Step(first, 30);
        using StreamLoop second = Loop(new StreamOptions { Instance = "1" });
        Send(keys);
        for (int i = 0; i < 60; i++)
        {
            first.Step(TimeSpan.Zero);
            second.Step(TimeSpan.Zero);
        }
        first.Commit();
        second.Commit();
        Assert.Equal(keys.SelectMany(k => new[] { k + " 1", k + " 2" }).Order(), Outputs().Order());
        Assert.Equal(2, kafka.Group("numbering").Held(2).Count);
    }

    [Fact]
    public void A_record_that_cannot_be_read_goes_to_the_dead_letters_with_its_reason()
    {
        Send("a", "poison", "a");
        using StreamLoop loop = Loop();
        Step(loop, 10);
        loop.Commit();
        Assert.Equal(["a 1", "a 2"], Outputs());
        SimulatedRecord letter = Assert.Single(Visible(Topics.VmMetrics.DeadLetterName));
        Assert.Equal("poison", Encoding.UTF8.GetString(letter.Key));
        Assert.Equal("it is poison", Encoding.UTF8.GetString(letter.Headers.Single(h => h.Key == DeadLetterHeaders.Reason).Value));
        Assert.Equal(1, status.DeadLetters);
    }

    [Fact]
    public void Global_topics_are_read_before_the_first_source_record()
    {
        kafka.Append(Topics.VmPredictions.Name, "g"u8.ToArray(), [1]);
        Send("a");
        List<string> seen = [];
        Topology topology = Numbering() with
        {
            Globals = [Topics.VmPredictions],
            Global = new Listener(seen),
            CreateProcessor = _ => new Listener(seen),
        };
        using StreamLoop loop = new(topology, new SimulatedClients(kafka), new StreamOptions(), status, NullLogger.Instance, time);
        Step(loop, 3);
        Assert.Equal(["global g", "source a"], seen);
    }

    [Fact]
    public void Ready_is_who_has_its_partitions_and_their_state()
    {
        using StreamLoop loop = Loop();
        loop.Step(TimeSpan.Zero);
        Assert.False(status.Progress.IsReady);
        loop.Step(TimeSpan.Zero);
        Assert.True(status.Progress.IsReady);
    }

    [Fact]
    public void Ready_is_also_who_stands_by_without_a_partition()
    {
        // One member for each partition there is: nothing is left.
        foreach (PartitionId id in kafka.PartitionsOf(Topics.VmMetrics.Name))
        {
            int member = kafka.Group("numbering").Join();
            kafka.Group("numbering").Take(member, [id]);
        }
        using StreamLoop loop = Loop();
        Step(loop, 5);
        Assert.False(status.Progress.IsReady);
        time.Advance(TimeSpan.FromSeconds(31));
        loop.Step(TimeSpan.Zero);
        Assert.True(status.Progress.IsReady);
        Assert.Equal(0, status.Partitions);
    }

    [Fact]
    public void A_restore_tells_how_far_it_is()
    {
        Send("a", "a", "a");
        using (StreamLoop first = Loop())
        {
            Step(first, 10);
            first.Commit();
        }
        using StreamLoop second = Loop();
        second.Step(TimeSpan.Zero);
        Assert.False(status.Progress.IsRestoring);
        Assert.Equal(2, status.Progress.Lives);
        Assert.Equal(time.GetTimestamp(), status.Progress.AliveAt);
    }

    private StreamLoop Loop(StreamOptions? options = null) =>
        new(Numbering(), new SimulatedClients(kafka), options ?? new StreamOptions(), status, NullLogger.Instance, time);

    private static Topology Numbering() => new()
    {
        Name = "numbering",
        Source = Topics.VmMetrics,
        Changelogs = [Topics.VmSteps],
        CreateProcessor = _ => new NumberingProcessor(),
    };

    private static void Step(StreamLoop loop, int steps)
    {
        for (int i = 0; i < steps; i++) loop.Step(TimeSpan.Zero);
    }

    private void Send(params string[] keys)
    {
        foreach (string key in keys) kafka.Append(Topics.VmMetrics.Name, Encoding.UTF8.GetBytes(key), []);
    }

    private List<string> Outputs() => [.. Visible(Topics.VmSteps.Name).Select(r => StepChunk.Parser.ParseFrom(r.Value)).Select(s => $"{s.Cell} {s.Revision}")];

    private List<SimulatedRecord> Visible(string topic) =>
        [.. kafka.PartitionsOf(topic).SelectMany(p => kafka[p].Log).Where(r => !r.IsMarker && r.Transaction?.Status == SimulatedTransaction.State.Committed)];

    /// <summary>Numbers the records of each key; its state is what it wrote.</summary>
    private sealed class NumberingProcessor : IProcessor
    {
        private readonly Dictionary<string, uint> numbers = [];

        public void Process(in StreamRecord record, IOutput output)
        {
            string key = record.KeyText;
            if (key == "poison") output.DeadLetter(record, "it is poison");
            else output.Emit(Topics.VmSteps, key, new StepChunk { Cell = key, Revision = numbers[key] = numbers.GetValueOrDefault(key) + 1 });
        }

        public void Restore(in StreamRecord record) => numbers[record.KeyText] = StepChunk.Parser.ParseFrom(record.Value).Revision;
    }

    private sealed class Listener(List<string> seen) : IProcessor, IGlobalReader
    {
        public void Process(in StreamRecord record, IOutput output) => seen.Add("source " + record.KeyText);

        public void Apply(in StreamRecord record, IOutput output) => seen.Add("global " + record.KeyText);
    }
}
