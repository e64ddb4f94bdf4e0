using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Unit.Infra.Kafka;

public sealed class ClientContextTests
{
    private readonly FakeTimeProvider time = new();
    private int asked;

    [Fact]
    public void A_cluster_that_does_not_answer_is_asked_again_in_slices_and_then_given_up()
    {
        StreamClientException e = Assert.Throws<StreamClientException>(() => Context().Ask("offsets", limit => Fail(ErrorCode.Local_TimedOut, limit)));
        Assert.Equal(RestartReason.Client, e.Reason);
        Assert.Equal(10, asked);
    }

    [Fact]
    public void A_refusal_is_final() => Assert.Throws<StreamClientException>(() => Context().Ask("offsets", limit => Fail(ErrorCode.TopicAuthorizationFailed, limit)));

    [Fact]
    public void A_leader_that_is_being_found_is_waited_for() =>
        Assert.Equal(3, Context().Ask("offsets", limit => ++asked < 3 ? throw new KafkaException(ErrorCode.LeaderNotAvailable) : asked));

    [Fact]
    public void After_a_cancellation_nothing_is_asked()
    {
        using CancellationTokenSource stop = new();
        ClientContext context = Context() with { Cancel = stop.Token };
        Assert.Throws<OperationCanceledException>(() => context.Ask("offsets", limit =>
        {
            stop.Cancel();
            return Fail(ErrorCode.Local_TimedOut, limit);
        }));
        Assert.Equal(1, asked);
    }

    private ClientContext Context() => new(new KafkaConnection("none:1"), NullLogger.Instance) { Time = time, Pause = TimeSpan.Zero };

    private int Fail(ErrorCode code, TimeSpan limit)
    {
        asked++;
        time.Advance(limit);
        throw new KafkaException(code);
    }
}
