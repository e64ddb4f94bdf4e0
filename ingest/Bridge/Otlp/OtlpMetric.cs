using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>A metric of a resource.</summary>
/// <param name="Resource">Who sent it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Its unit; may be empty.</param>
/// <param name="Type">sum, gauge, histogram, exponential_histogram or summary.</param>
/// <param name="Temporality">Of sums and histograms.</param>
/// <param name="Monotonic">Of sums.</param>
internal sealed record OtlpMetric(OtlpResource Resource, string Name, string Unit, string Type, AggregationTemporality? Temporality = null, bool? Monotonic = null)
{
    /// <summary>One of its series.</summary>
    /// <param name="attributes">Of its points.</param>
    /// <param name="number">int or double, where its values are numbers.</param>
    public PointSeries Series(IReadOnlyCollection<KeyValue> attributes, string? number = null) => new()
    {
        Host = Resource.HostName,
        HostId = Resource.HostId,
        Resource = Resource.Attributes,
        Metric = Name.Length > 0 ? Name : throw new BadRecordException("a metric without a name"),
        Unit = Unit,
        Type = Type,
        Temporality = Temporality switch
        {
            AggregationTemporality.Delta => "delta",
            AggregationTemporality.Cumulative => "cumulative",
            _ => null,
        },
        Monotonic = Monotonic,
        Attributes = OtlpAttributes.Of(attributes),
        Number = number,
    };
}
