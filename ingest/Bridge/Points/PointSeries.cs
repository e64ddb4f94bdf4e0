using Pipeline.Ingest.Bridge.Reports;

namespace Pipeline.Ingest.Bridge.Points;

/// <summary>What all points of a series have in common, as the format says it; nothing is converted yet.</summary>
public sealed class PointSeries
{
    /// <summary>Attributes at most; more are no series but an attack, or a mistake.</summary>
    public const int AttributesMax = 256;

    private SeriesMapping? mapping;
    private bool mapped;

    /// <summary>Of which machine; null where the payload does not say.</summary>
    public string? Host { get; init; }

    /// <summary>host.id of the resource; null where there is none.</summary>
    public string? HostId { get; init; }

    /// <summary>Name of the metric: of the measurement in line protocol, the whole path in Graphite.</summary>
    public required string Metric { get; init; }

    /// <summary>Field of the measurement, where the format has fields.</summary>
    public string? Field { get; init; }

    /// <summary>Attributes or tags, without the host's: string, bool, long, double, or lists of these.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Attributes { get; init; } = [];

    /// <summary>Of the resource, where the format has one; the host's are not repeated.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Resource { get; init; } = [];

    public string? Unit { get; init; }

    /// <summary>The format's word: sum, gauge, histogram, integer, float, derive, ...; null where it has none.</summary>
    public string? Type { get; init; }

    /// <summary>Only OTLP sums and histograms.</summary>
    public string? Temporality { get; init; }

    /// <summary>Only OTLP sums.</summary>
    public bool? Monotonic { get; init; }

    /// <summary>Only OTLP numbers: int or double.</summary>
    public string? Number { get; init; }

    /// <summary>What its values mean for a report, found once; null: nothing that a report holds.</summary>
    internal SeriesMapping? Mapping
    {
        get
        {
            if (!mapped) (mapping, mapped) = (PointMapping.Of(this), true);
            return mapping;
        }
    }

    /// <summary>An attribute as text; empty where it is absent.</summary>
    public string Attribute(string name)
    {
        foreach ((string key, object? value) in Attributes)
            if (key == name) return AttributeText.Of(value);
        return "";
    }
}
