namespace Pipeline.Infra.Streaming;

/// <summary>Takes the records that every instance of a service reads whole, whatever partitions it owns.</summary>
public interface IGlobalReader
{
    /// <summary>Takes one record of a global topic. What cannot be read goes to <paramref name="output"/>'s dead letters.</summary>
    void Apply(in StreamRecord record, IOutput output);
}
