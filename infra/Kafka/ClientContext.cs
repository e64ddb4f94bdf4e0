using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

/// <summary>What all clients of one service share.</summary>
internal sealed record ClientContext(KafkaConnection Kafka, ILogger Log)
{
    /// <summary>
    /// A question is put anew after this time, so that a cancellation is not unseen for longer; a cluster that is well answers in
    /// milliseconds, one that makes a new leader in a second or two.
    /// </summary>
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(3);

    private static readonly HashSet<ErrorCode> LeaderUnknown =
        [ErrorCode.NotLeaderForPartition, ErrorCode.LeaderNotAvailable, ErrorCode.UnknownTopicOrPart, ErrorCode.Local_UnknownPartition, ErrorCode.Local_UnknownTopic];

    public StreamLimits Limits { get; init; } = StreamLimits.Default;

    /// <summary>Hears which limit was reached, and by what.</summary>
    public Action<StreamLimit, Func<string>> Reached { get; init; } = (_, _) => { };

    /// <summary>Once cancelled, nothing is waited for longer than it must.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Between two questions.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// Asks the cluster something. While it does not answer, or the leader is only being found (a topic that was just made, a broker that
    /// went away), it is asked again, for <see cref="ConfluentClients.RequestTimeout"/>.
    /// </summary>
    /// <param name="what">Is asked, for the message.</param>
    /// <param name="call">Asks, and waits no longer than it is told.</param>
    public T Ask<T>(string what, Func<TimeSpan, T> call)
    {
        long started = Time.GetTimestamp();
        while (true)
        {
            Cancel.ThrowIfCancellationRequested();
            try
            {
                return call(Slice);
            }
            catch (KafkaException e) when (MayAnswerYet(e.Error.Code) && Time.GetElapsedTime(started) < ConfluentClients.RequestTimeout)
            {
                Cancel.WaitHandle.WaitOne(Pause);
            }
            catch (KafkaException e)
            {
                throw KafkaFailure.Of(what, e);
            }
        }
    }

    private static bool MayAnswerYet(ErrorCode code) => code == ErrorCode.Local_TimedOut || LeaderUnknown.Contains(code);
}
