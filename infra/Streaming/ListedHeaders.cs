namespace Pipeline.Infra.Streaming;

/// <summary>Headers that are there already.</summary>
public sealed class ListedHeaders(IReadOnlyList<KeyValuePair<string, byte[]>> headers) : IRecordHeaders
{
    public bool TryGet(string name, out byte[] value)
    {
        for (int i = headers.Count - 1; i >= 0; i--)
        {
            if (headers[i].Key != name) continue;
            value = headers[i].Value;
            return true;
        }
        value = [];
        return false;
    }
}
