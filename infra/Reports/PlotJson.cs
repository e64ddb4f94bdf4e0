using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Pipeline.Infra.Reports;

/// <summary>Values as plotly wants them, small: numbers with four significant digits, times as ISO 8601, text without markup.</summary>
internal static class PlotJson
{
    public static JsonArray Array<T>(IEnumerable<T> values) => new([.. values.Select(v => Value(v))]);

    /// <exception cref="ArgumentException">The value is neither number, time, text nor null.</exception>
    public static JsonNode? Value(object? value) => value switch
    {
        null => null,
        string text => Text(text),
        double number => Number(number),
        float number => Number(number),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        DateTime time => JsonValue.Create(time.ToString("yyyy-MM-ddTHH:mm:ss.FFF", CultureInfo.InvariantCulture)),
        DateTimeOffset time => Value(time.UtcDateTime),
        _ => throw new ArgumentException($"a {value.GetType().Name} cannot be plotted; numbers, times and strings can", nameof(value)),
    };

    /// <summary>Plotly reads markup in any text (links, too): what is meant as text has to be escaped.</summary>
    public static JsonNode Text(string text) => JsonValue.Create(WebUtility.HtmlEncode(text))!;

    // What is not finite has no place in a plot, and none in JSON.
    private static JsonValue? Number(double value) =>
        double.IsFinite(value) ? JsonValue.Create(double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)) : null;
}
