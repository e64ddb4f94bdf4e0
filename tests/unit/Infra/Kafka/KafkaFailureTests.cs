using Confluent.Kafka;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Unit.Infra.Kafka;

public sealed class KafkaFailureTests
{
    [Theory]
    [InlineData(ErrorCode.Local_TimedOut, RestartReason.TimeoutUnknownOutcome)]
    [InlineData(ErrorCode.RequestTimedOut, RestartReason.TimeoutUnknownOutcome)]
    [InlineData(ErrorCode.Local_Fenced, RestartReason.Fenced)]
    [InlineData(ErrorCode.ProducerFenced, RestartReason.Fenced)]
    [InlineData(ErrorCode.InvalidProducerEpoch, RestartReason.Fenced)]
    [InlineData(ErrorCode.IllegalGeneration, RestartReason.LostPartitions)]
    [InlineData(ErrorCode.UnknownMemberId, RestartReason.LostPartitions)]
    [InlineData(ErrorCode.Local_AllBrokersDown, RestartReason.Client)]
    public void A_transactional_call_that_fails_tells_why(ErrorCode code, RestartReason reason) =>
        Assert.Equal(reason, KafkaFailure.OfTransaction("commit", new KafkaException(code)).Reason);

    [Fact]
    public void A_transaction_that_has_to_be_aborted_is_no_unknown_outcome() =>
        Assert.Equal(RestartReason.Client, KafkaFailure.OfTransaction("commit", new KafkaTxnRequiresAbortException(new Error(ErrorCode.TopicAuthorizationFailed))).Reason);

    [Fact]
    public void An_error_that_may_go_away_by_itself_leaves_a_transactions_outcome_unknown() =>
        Assert.Equal(RestartReason.TimeoutUnknownOutcome, KafkaFailure.OfTransaction("commit", new KafkaRetriableException(new Error(ErrorCode.NotCoordinatorForGroup))).Reason);

    [Fact]
    public void A_question_that_times_out_is_no_transaction() =>
        Assert.Equal(RestartReason.Client, KafkaFailure.Of("offsets", new KafkaException(ErrorCode.Local_TimedOut)).Reason);

    [Fact]
    public void Being_away_for_too_long_loses_the_partitions() =>
        Assert.Equal(RestartReason.LostPartitions, KafkaFailure.Of("poll", new KafkaException(ErrorCode.Local_MaxPollExceeded)).Reason);

    [Fact]
    public void The_message_says_what_was_asked_and_the_code()
    {
        StreamClientException e = KafkaFailure.Of("poll", new KafkaException(ErrorCode.Local_AllBrokersDown));
        Assert.StartsWith("poll: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("Local_AllBrokersDown", e.Message, StringComparison.Ordinal);
    }
}
