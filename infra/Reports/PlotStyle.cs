using System.Text.Json.Nodes;

namespace Pipeline.Infra.Reports;

/// <summary>How every plot looks.</summary>
internal static class PlotStyle
{
    public const string Ink = "#1f2430", Muted = "#5b6374", Grid = "#e9ecf1", Rule = "#c9cfda";

    /// <summary>Okabe and Ito's colours, told apart by colour-blind readers too, darkened where they are faint on white.</summary>
    public static readonly string[] Palette = ["#0072b2", "#d55e00", "#009e73", "#b5588f", "#c98a00", "#3a9ad0", "#7a5195", "#6b7280"];

    /// <summary>ColorBrewer YlGnBu: one hue direction, readable in grey.</summary>
    public static JsonArray HeatScale() => Scale(["#ffffd9", "#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58"]);

    /// <summary>Steps of equal width, one per category.</summary>
    public static JsonArray CategoryScale(int categories)
    {
        JsonArray scale = [];
        for (int i = 0; i < categories; i++)
        {
            scale.Add(new JsonArray((double)i / categories, Palette[i % Palette.Length]));
            scale.Add(new JsonArray((double)(i + 1) / categories, Palette[i % Palette.Length]));
        }
        return scale;
    }

    public static JsonObject Layout(string title) => new()
    {
        ["title"] = new JsonObject
        {
            ["text"] = PlotJson.Text(title),
            ["x"] = 0,
            ["xref"] = "container",
            ["xanchor"] = "left",
            ["y"] = .97,
            ["yanchor"] = "top",
            ["font"] = new JsonObject { ["size"] = 16, ["color"] = Ink, ["weight"] = 600 },
        },
        ["font"] = new JsonObject { ["family"] = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif", ["size"] = 13, ["color"] = Ink },
        ["colorway"] = PlotJson.Array(Palette),
        ["paper_bgcolor"] = "#fff",
        ["plot_bgcolor"] = "#fff",
        ["margin"] = new JsonObject { ["l"] = 68, ["r"] = 24, ["t"] = 64, ["b"] = 56 },
        ["legend"] = new JsonObject { ["orientation"] = "h", ["x"] = 1, ["xanchor"] = "right", ["y"] = 1.01, ["yanchor"] = "bottom" },
        ["hoverlabel"] = new JsonObject { ["bgcolor"] = "#fff", ["bordercolor"] = Rule, ["font"] = new JsonObject { ["color"] = Ink } },
        ["bargap"] = .12,
    };

    public static JsonObject Axis() => new()
    {
        ["gridcolor"] = Grid,
        ["zeroline"] = false,
        ["linecolor"] = Rule,
        ["showline"] = true,
        ["ticks"] = "outside",
        ["tickcolor"] = Rule,
        ["tickfont"] = new JsonObject { ["color"] = Muted },
        ["automargin"] = true,
    };

    private static JsonArray Scale(string[] colors) => new([.. colors.Select((c, i) => new JsonArray((double)i / (colors.Length - 1), c))]);
}
