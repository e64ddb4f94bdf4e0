using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Unit.Infra.Streaming;

public sealed class GlobalTopicsTests : IDisposable
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(Schemas.Samples.Time));
    private readonly SimulatedKafka kafka;
    private readonly StreamStatus status = new("echo");

    public GlobalTopicsTests() => kafka = SimulatedKafka.WithCatalogue(time);

    public void Dispose() => status.Dispose();

    [Fact]
    public void A_new_owner_reads_what_the_old_one_wrote_before_its_first_source_record()
    {
        List<string> written = [], seen = [];
        using StreamLoop first = Loop("0", written);
        Step(first);
        using StreamLoop second = Loop("1", seen);
        // The second has read the global topic; what the first writes now, it has not.
        Send(Keys());
        Step(first);
        first.Commit();
        Step(second);
        Assert.Contains(written, IsSource);
        Assert.Contains(seen, IsSource);
        Assert.Equal(written.Where(IsSource).Select(KeyOf).Order(), seen.TakeWhile(s => !IsSource(s)).Select(KeyOf).Order());
    }

    [Fact]
    public void An_open_transaction_of_somebody_else_holds_back_the_source_but_not_the_loop()
    {
        List<string> seen = [];
        using StreamLoop loop = Loop("0", seen);
        int epoch = kafka.InitTransactions("other");
        SimulatedTransaction open = kafka.Begin("other", epoch);
        kafka.Send("other", epoch, open, new PartitionId(Topics.FunctionDispatches.Name, 0), new SimulatedRecord { Key = "g"u8.ToArray(), Value = [] });
        Send("a");
        Step(loop);
        Assert.Empty(seen);
        kafka.Abort("other", epoch, open);
        Step(loop);
        Assert.Equal("source a", seen[0]);
    }

    [Fact]
    public void The_own_open_transaction_is_committed_before_the_topics_that_it_wrote_to_are_read()
    {
        string[] keys = Keys();
        List<string> seen = [];
        using StreamLoop stays = Loop("0", seen);
        StreamLoop leaves = Loop("1", []);
        Step(stays);
        Step(leaves);
        Send(keys);
        Step(stays);
        Assert.Equal(0, status.Transactions);
        leaves.Dispose();
        Step(stays);
        stays.Commit();
        Assert.Equal(keys.Order(), seen.Where(IsSource).Select(KeyOf).Order());
    }

    private static bool IsSource(string seen) => seen.StartsWith("source", StringComparison.Ordinal);

    private static string KeyOf(string seen) => seen[(seen.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static string[] Keys() => [.. Enumerable.Range(0, 20).Select(i => "k" + i.ToString(CultureInfo.InvariantCulture))];

    private StreamLoop Loop(string instance, List<string> seen)
    {
        Topology topology = new()
        {
            Name = "echo",
            Source = Topics.FunctionInvocations,
            Globals = [Topics.FunctionDispatches],
            Global = new Echo(seen),
            CreateProcessor = _ => new Echo(seen),
        };
        return new StreamLoop(topology, new SimulatedClients(kafka), new StreamOptions { Instance = instance }, status, NullLogger.Instance, time);
    }

    private static void Step(StreamLoop loop)
    {
        for (int i = 0; i < 60; i++) loop.Step(TimeSpan.Zero);
    }

    private void Send(params string[] keys)
    {
        foreach (string key in keys) kafka.Append(Topics.FunctionInvocations.Name, Encoding.UTF8.GetBytes(key), []);
    }

    /// <summary>Writes a record with the key of each that it gets.</summary>
    private sealed class Echo(List<string> seen) : IProcessor, IGlobalReader
    {
        public void Process(in StreamRecord record, IOutput output)
        {
            seen.Add("source " + record.KeyText);
            output.Emit(Topics.FunctionDispatches, record.KeyText, new Dispatch { InvocationId = record.KeyText });
        }

        public void Apply(in StreamRecord record, IOutput output) => seen.Add("global " + record.KeyText);
    }
}
