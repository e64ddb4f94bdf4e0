using System.Text.Json.Nodes;

namespace Pipeline.Infra.Reports;

/// <summary>One axis of a plot.</summary>
/// <param name="Title">What it shows, with the unit: "latency, ms".</param>
public sealed record PlotAxis(string Title)
{
    /// <summary>Logarithmic.</summary>
    public bool Log { get; init; }

    /// <summary>Lower end; null: from the data.</summary>
    public double? Min { get; init; }

    /// <summary>Upper end; null: from the data.</summary>
    public double? Max { get; init; }

    internal JsonObject ToJson()
    {
        JsonObject json = PlotStyle.Axis();
        json["title"] = new JsonObject { ["text"] = PlotJson.Text(Title), ["standoff"] = 12 };
        // Of an axis over a few decades only, the powers of ten say too little.
        // Without a format plotly writes 2 and 5 for all decades.
        if (Log) (json["type"], json["dtick"], json["tickformat"]) = ("log", Min is null ? JsonValue.Create("D2") : JsonValue.Create(1), "~g");
        if (Min is not null || Max is not null) json["range"] = new JsonArray(End(Min), End(Max));
        return json;
    }

    // Plotly wants the ends of a logarithmic axis as exponents.
    private JsonValue? End(double? end) => end is { } value ? JsonValue.Create(Log ? Math.Log10(value) : value) : null;
}
