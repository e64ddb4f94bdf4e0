namespace Pipeline.Infra.Streaming;

/// <summary>A processor that also writes what no record of the source led to, such as the answer to a call that waited. Others are never asked.</summary>
public interface IUnpromptedProcessor : IProcessor
{
    /// <summary>Asked between records: is there something to write?</summary>
    bool HasWork(Silence silence);

    /// <summary>Writes what <see cref="HasWork"/> told of, in a transaction that holds the partition's offset, so that only its owner commits it.</summary>
    void Work(IOutput output);
}
