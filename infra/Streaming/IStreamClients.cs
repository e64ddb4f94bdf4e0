namespace Pipeline.Infra.Streaming;

/// <summary>
/// All that the loop asks of Kafka. The real one is <see cref="Kafka.ConfluentClients"/>; tests bring their own.
/// Every call may throw <see cref="StreamClientException"/>: the loop then throws its state away and starts again.
/// </summary>
public interface IStreamClients
{
    /// <summary>The same clients, whose calls wait no longer than they must once this is cancelled. Clients that never wait need not care.</summary>
    IStreamClients Until(CancellationToken cancel) => this;

    /// <summary>Joins a consumer group that shares out the partitions of some topics; reads committed records only.</summary>
    IGroupConsumer Subscribe(string group, IReadOnlyList<string> topics, IAssignmentListener listener);

    /// <summary>A reader of named partitions, in no group; reads committed records only.</summary>
    IPartitionReader OpenReader();

    /// <summary>A producer; opening it ends what an earlier one with this id left open, and fences that one.</summary>
    ITransactionalProducer OpenProducer(string transactionalId);
}
