using Confluent.Kafka;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Unit.Infra.Kafka;

public sealed class KafkaClientsTests
{
    private static readonly StreamLimits Limits = new()
    {
        ConsumerQueueKbytes = 1,
        ConsumerQueueMessages = 2,
        FetchBytesMax = 3,
        PollIntervalMax = TimeSpan.FromMinutes(1),
        ProducerQueueKbytes = 4,
        ProducerQueueMessages = 5,
        MessageBytesMax = 6000,
    };

    [Fact]
    public void Consumers_hold_no_more_than_the_limits()
    {
        ConsumerConfig config = KafkaClients.ConsumerConfig(new KafkaConnection("none:1"), "group", Limits);
        Assert.Equal((1, 2, 3, 60_000), (config.QueuedMaxMessagesKbytes, config.QueuedMinMessages, config.FetchMaxBytes, config.MaxPollIntervalMs));
    }

    [Fact]
    public void Producers_hold_no_more_than_the_limits()
    {
        ProducerConfig config = KafkaClients.TransactionalConfig(new KafkaConnection("none:1"), "id", Limits);
        Assert.Equal((4, 5, 6000), (config.QueueBufferingMaxKbytes, config.QueueBufferingMaxMessages, config.MessageMaxBytes));
    }

    [Fact]
    public void What_the_connection_sets_wins()
    {
        KafkaConnection kafka = new("none:1") { Settings = new Dictionary<string, string> { ["message.max.bytes"] = "7000", ["transaction.timeout.ms"] = "5000" } };
        ProducerConfig config = KafkaClients.TransactionalConfig(kafka, "id", Limits);
        Assert.Equal((7000, 5000), (config.MessageMaxBytes, config.TransactionTimeoutMs));
    }

    [Fact]
    public void Transactions_fit_into_the_producers_queue_twice_over()
    {
        StreamLimits limits = StreamLimits.Default;
        Assert.True(limits.TransactionBytesMax * 2 < limits.ProducerQueueKbytes * 1024L);
        Assert.True(limits.TransactionOutputsMax * 2 <= limits.ProducerQueueMessages);
        Assert.True(limits.FetchBytesMax < limits.ConsumerQueueKbytes * 1024L);
        Assert.True(limits.MessageBytesMax < limits.RecordBytesMax);
    }

    [Fact]
    public void A_transactional_call_is_given_up_before_the_broker_gives_up_the_transaction() =>
        Assert.True(ConfluentTransactionalProducer.CallLimit.TotalMilliseconds < KafkaClients.TransactionalConfig(new KafkaConnection("none:1"), "id", Limits).TransactionTimeoutMs);
}
