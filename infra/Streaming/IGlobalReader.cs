namespace Pipeline.Infra.Streaming;

/// <summary>Takes the records that every instance of a service reads whole, whatever partitions it owns.</summary>
public interface IGlobalReader
{
    /// <summary>A new life of the loop begins: what was taken from topics, or believed because of outputs that may not have been committed, is to be forgotten.</summary>
    void Reset()
    {
    }

    /// <summary>Takes one record of a global topic. What cannot be read goes to <paramref name="output"/>'s dead letters.</summary>
    void Apply(in StreamRecord record, IOutput output);
}
