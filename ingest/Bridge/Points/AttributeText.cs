using System.Globalization;

namespace Pipeline.Ingest.Bridge.Points;

/// <summary>An attribute's value as text, whatever type an agent gave it: a CPU's number is a string in one and an integer in another.</summary>
public static class AttributeText
{
    public static string Of(object? value) => value switch
    {
        null => "",
        string text => text,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
