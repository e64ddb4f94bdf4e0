namespace Pipeline.Infra.Streaming;

/// <summary>Writes records in transactions, together with the offsets of the input.</summary>
public interface ITransactionalProducer : IDisposable
{
    void Begin();

    /// <summary>Adds a record to the open transaction. <paramref name="partition"/> null: by murmur2 hash of the key.</summary>
    void Send(string topic, int? partition, byte[] key, byte[] value, IReadOnlyList<KeyValuePair<string, byte[]>>? headers = null);

    /// <summary>Commits the records and the group's offsets (next to read), or throws and nothing of it is visible - or the outcome is unknown.</summary>
    void Commit(IReadOnlyDictionary<PartitionId, long> offsets, IGroupConsumer consumer);

    void Abort();
}
