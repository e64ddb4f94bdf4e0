using Confluent.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

/// <summary>
/// What a client's exception means to the loop. Whatever it is, the answer is the same (new clients, state from the topics), also to errors
/// that librdkafka calls retriable: to repeat a commit of unknown outcome on the same client is what can hang it.
/// </summary>
internal static class KafkaFailure
{
    /// <summary>A call outside of transactions failed.</summary>
    public static StreamClientException Of(string what, KafkaException e) => Of(what, e, ReasonOf(e.Error.Code));

    /// <summary>A transactional call failed: after a time-out, or an error that may go away by itself, the outcome is unknown.</summary>
    public static StreamClientException OfTransaction(string what, KafkaException e) =>
        Of(what, e, e is KafkaRetriableException || IsTimeout(e.Error.Code) ? RestartReason.TimeoutUnknownOutcome : ReasonOf(e.Error.Code));

    private static StreamClientException Of(string what, KafkaException e, RestartReason reason) =>
        new($"{what}: {e.Error.Reason} ({e.Error.Code})", e) { Reason = reason };

    private static bool IsTimeout(ErrorCode code) => code is ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.RequestTimedOut;

    private static RestartReason ReasonOf(ErrorCode code) => code switch
    {
        ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch or ErrorCode.FencedInstanceId => RestartReason.Fenced,
        // A commit says which generation of the group it is for: it is refused when the group has gone on without us.
        ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.FencedMemberEpoch or ErrorCode.StaleMemberEpoch => RestartReason.LostPartitions,
        ErrorCode.Local_MaxPollExceeded or ErrorCode.Local_AssignmentLost => RestartReason.LostPartitions,
        _ => RestartReason.Client,
    };
}
