using System.Text.Json.Nodes;

namespace Pipeline.Infra.Reports;

/// <summary>The outlines of one category of a flow picture: boxes, and bands that bend smoothly from one height to another.</summary>
internal sealed class FlowShapes
{
    /// <summary>Points along a band; more look no smoother.</summary>
    private const int Bends = 8;

    private readonly JsonArray boxX = [], boxY = [], bandX = [], bandY = [];

    /// <summary>Bands first, paler, so that boxes lie on them.</summary>
    public IEnumerable<(JsonArray X, JsonArray Y, double Opacity)> Outlines => [(bandX, bandY, .4), (boxX, boxY, 1)];

    public void Box(DateTime from, DateTime to, double low, double height)
    {
        Add(boxX, boxY, from, low);
        Add(boxX, boxY, to, low);
        Add(boxX, boxY, to, low + height);
        Add(boxX, boxY, from, low + height);
        Close(boxX, boxY);
    }

    public void Band(DateTime from, DateTime to, double low, double lowNext, double height)
    {
        for (int i = 0; i <= Bends; i++) Add(bandX, bandY, At(from, to, i), Bend(low, lowNext, i));
        for (int i = Bends; i >= 0; i--) Add(bandX, bandY, At(from, to, i), Bend(low, lowNext, i) + height);
        Close(bandX, bandY);
    }

    private static DateTime At(DateTime from, DateTime to, int i) => from + ((to - from) * (i / (double)Bends));

    private static double Bend(double low, double high, int i)
    {
        double t = i / (double)Bends;
        return low + ((high - low) * t * t * (3 - (2 * t)));
    }

    private static void Add(JsonArray xs, JsonArray ys, DateTime x, double y)
    {
        xs.Add(JsonValue.Create(x.ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)));
        ys.Add(PlotJson.Value(y));
    }

    /// <summary>A gap ends an outline.</summary>
    private static void Close(JsonArray xs, JsonArray ys)
    {
        xs.Add(null);
        ys.Add(null);
    }
}
