namespace Pipeline.Infra.Streaming;

/// <summary>A record's headers, converted only when they are asked for.</summary>
public interface IRecordHeaders
{
    /// <summary>The last header of this name.</summary>
    bool TryGet(string name, out byte[] value);
}
