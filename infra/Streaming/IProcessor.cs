namespace Pipeline.Infra.Streaming;

/// <summary>
/// The pure part of a stream service: state and outputs are a function of the records fed to it, in their order.
/// It knows no Kafka and no clock. The loop makes one per assigned partition, restores it, then feeds it.
/// </summary>
/// <remarks>
/// On assignment the loop calls, in this order:
/// <see cref="Restore"/> for every record of the changelog partitions;
/// <see cref="ReplayFrom"/>; <see cref="Process"/> for the source records from there up to the committed offset,
/// with an output that throws everything away; then <see cref="Process"/> for what follows, for good.
/// </remarks>
public interface IProcessor
{
    /// <summary>Takes one record of the source topic.</summary>
    void Process(in StreamRecord record, IOutput output);

    /// <summary>Takes one record of a changelog topic: what this processor itself published before.</summary>
    void Restore(in StreamRecord record)
    {
    }

    /// <summary>The first source offset that has to be fed again to have the state as of <paramref name="committed"/>; never above it.</summary>
    long ReplayFrom(long committed) => committed;

    /// <summary>The partition goes to another instance.</summary>
    void Close()
    {
    }
}
