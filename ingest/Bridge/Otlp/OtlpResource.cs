using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>Who sent: the attributes of an OTLP resource.</summary>
internal sealed class OtlpResource
{
    private const string HostNameAttribute = "host.name", HostIdAttribute = "host.id";

    public OtlpResource(Resource? resource)
    {
        Attributes = OtlpAttributes.Of(resource?.Attributes);
        (HostName, HostId) = (TextOf(HostNameAttribute), TextOf(HostIdAttribute));
    }

    public IReadOnlyList<KeyValuePair<string, object?>> Attributes { get; }

    public string? HostName { get; }

    public string? HostId { get; }

    private string? TextOf(string name)
    {
        string text = AttributeText.Of(Attributes.FirstOrDefault(a => a.Key == name).Value);
        return text.Length > 0 ? text : null;
    }
}
