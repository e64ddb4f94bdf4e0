using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Unit.Infra.Streaming;

public sealed class StreamLimitsTests : IDisposable
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(Schemas.Samples.Time));
    private readonly SimulatedKafka kafka;
    private readonly StreamStatus status = new("copying");

    public StreamLimitsTests() => kafka = SimulatedKafka.WithCatalogue(time);

    public void Dispose() => status.Dispose();

    [Fact]
    public void A_record_larger_than_any_that_is_parsed_goes_to_the_dead_letters_with_its_bytes()
    {
        byte[] value = Send("a", 101);
        Run(new StreamLimits { RecordBytesMax = 101 });
        SimulatedRecord letter = Letter();
        Assert.Equal(value, letter.Value);
        Assert.Equal("a", Encoding.UTF8.GetString(letter.Key));
        Assert.Equal("record of 102 bytes; at most 101 are parsed", Header(letter, DeadLetterHeaders.Reason));
        Assert.Equal(1, status.LimitsReached(StreamLimit.RecordBytes));
        Assert.Equal(0, status.Output);
    }

    [Fact]
    public void A_record_at_the_limit_is_parsed()
    {
        Send("a", 100);
        Run(new StreamLimits { RecordBytesMax = 101 });
        Assert.Equal(1, status.Output);
        Assert.Equal(0, status.LimitsReached(StreamLimit.RecordBytes));
    }

    [Fact]
    public void A_dead_letter_too_large_to_be_written_says_where_the_record_is()
    {
        Send("a", 5);
        Send("a", 2000);
        Run(new StreamLimits { RecordBytesMax = 1000, MessageBytesMax = 2000 });
        SimulatedRecord letter = Letter();
        Assert.Empty(letter.Value);
        Assert.Empty(letter.Key);
        Assert.Equal(Topics.VmMetrics.Name, Header(letter, DeadLetterHeaders.Topic));
        Assert.Equal("1", Header(letter, DeadLetterHeaders.Offset));
        Assert.Equal("2000", Header(letter, DeadLetterHeaders.OmittedBytes));
        Assert.Equal(1, status.LimitsReached(StreamLimit.MessageBytes));
    }

    [Fact]
    public void An_output_too_large_to_be_written_ends_the_service_with_its_topic_and_key()
    {
        Send("a", 500);
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Run(new StreamLimits { MessageBytesMax = 400 }));
        Assert.Contains("vm.steps, key 'a'", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, status.LimitsReached(StreamLimit.MessageBytes));
    }

    [Fact]
    public void A_transaction_is_committed_early_when_it_has_written_enough_bytes()
    {
        for (int i = 0; i < 6; i++) Send("a", 100);
        Run(new StreamLimits { TransactionBytesMax = 200 });
        Assert.Equal(3, status.LimitsReached(StreamLimit.TransactionBytes));
        Assert.Equal(3, status.Transactions);
    }

    [Fact]
    public void A_transaction_is_committed_early_when_it_has_written_enough_records()
    {
        for (int i = 0; i < 6; i++) Send("a", 1);
        Run(new StreamLimits { TransactionOutputsMax = 3 });
        Assert.Equal(2, status.LimitsReached(StreamLimit.TransactionOutputs));
    }

    [Fact]
    public void A_transaction_is_committed_early_when_it_has_taken_enough_records()
    {
        for (int i = 0; i < 6; i++) Send("a", 1);
        Run(new StreamLimits(), commitRecords: 2);
        Assert.Equal(3, status.LimitsReached(StreamLimit.TransactionInputs));
    }

    private byte[] Send(string key, int bytes)
    {
        byte[] value = new byte[bytes];
        kafka.Append(Topics.VmMetrics.Name, Encoding.UTF8.GetBytes(key), value);
        return value;
    }

    private void Run(StreamLimits limits, int commitRecords = 1000)
    {
        Topology topology = new() { Name = "copying", Source = Topics.VmMetrics, CreateProcessor = _ => new Copying() };
        StreamOptions options = new() { Limits = limits, CommitRecords = commitRecords };
        using StreamLoop loop = new(topology, new SimulatedClients(kafka), options, status, NullLogger.Instance, time);
        for (int i = 0; i < 20; i++) loop.Step(TimeSpan.Zero);
        loop.Commit();
    }

    private SimulatedRecord Letter() =>
        Assert.Single(kafka.PartitionsOf(Topics.VmMetrics.DeadLetterName).SelectMany(p => kafka[p].Log), r => !r.IsMarker);

    private static string Header(SimulatedRecord record, string name) => Encoding.UTF8.GetString(record.Headers.Single(h => h.Key == name).Value);

    /// <summary>Writes as much as it gets.</summary>
    private sealed class Copying : IProcessor
    {
        public void Process(in StreamRecord record, IOutput output) =>
            output.Emit(Topics.VmSteps, record.KeyText, new StepChunk { Cell = new string('x', record.Value.Length) });
    }
}
