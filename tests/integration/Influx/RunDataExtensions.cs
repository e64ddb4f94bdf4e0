using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Integration.Influx;

internal static class RunDataExtensions
{
    public static string Tag(this Point point, string key) => point.Tags.FirstOrDefault(t => t.Key == key).Value ?? "";

    /// <summary>A field as a number; null where the point has none of that name.</summary>
    public static double? Number(this Point point, string key) => point.Fields.Where(f => f.Key == key).Select(f => (double?)(f.Kind == FieldKind.Float ? f.AsFloat : f.AsInteger)).FirstOrDefault();

    public static double? Mean(this IEnumerable<Point> points, string key) => points.Select(p => p.Number(key)).Average();

    public static long Window(this Point point, TimeSpan width) => point.TimeUnixNs / (width.Ticks * 100) * (width.Ticks * 100);
}
