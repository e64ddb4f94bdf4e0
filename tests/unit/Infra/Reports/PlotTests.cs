using System.Text.Json.Nodes;
using Pipeline.Infra.Reports;

namespace Pipeline.Tests.Unit.Infra.Reports;

public sealed class PlotTests
{
    [Fact]
    public void Numbers_keep_four_digits_and_gaps_are_null()
    {
        JsonNode trace = Trace(new Plot("p").Line("s", [1, 2, 3, 4, 5], [1.23456, 123456.0, double.NaN, .000123456, double.PositiveInfinity]));

        Assert.Equal("[1.235,123500,null,0.0001235,null]", trace["y"]!.ToJsonString());
        Assert.Equal("[1,2,3,4,5]", trace["x"]!.ToJsonString());
    }

    [Fact]
    public void Times_are_ISO_8601_and_optional_values_may_be_missing()
    {
        JsonNode trace = Trace(new Plot("p").Scatter("s", new[] { new DateTime(2026, 1, 2, 3, 4, 5), new DateTime(2026, 1, 2) }, new double?[] { null, .5 }));

        Assert.Equal("[\"2026-01-02T03:04:05\",\"2026-01-02T00:00:00\"]", trace["x"]!.ToJsonString());
        Assert.Equal("[null,0.5]", trace["y"]!.ToJsonString());
        Assert.Equal("markers", (string?)trace["mode"]);
    }

    [Fact]
    public void A_histogram_counts_every_value_in_its_range_once()
    {
        JsonNode trace = Trace(new Plot("p").Histogram("h", [0, .5, 1, 1, 3.9, 4, double.NaN, 7], bins: 4, from: 0, to: 4));

        Assert.Equal("[2,2,0,2]", trace["y"]!.ToJsonString());
        Assert.Equal("[0.5,1.5,2.5,3.5]", trace["x"]!.ToJsonString());
        Assert.Equal(1, (double)trace["width"]!);
    }

    [Fact]
    public void A_flow_has_an_outline_for_each_category_with_items_and_axes_that_fit()
    {
        DateTime day = new(2026, 1, 1);
        JsonArray traces = (JsonArray)Json(new Plot("p").Flow([day, day.AddDays(1)], [[0, 0, 1], [0, 1, 1]], ["a", "b", "unused"], muted: 1))["data"]!;

        // Bands and boxes of a, of b; nothing of what has no items.
        Assert.Equal(["a", "a", "b", "b"], traces.Select(t => (string)t!["text"]!));
        Assert.All(traces, t => Assert.Equal("toself", (string?)t!["fill"]));
        Assert.Equal(PlotStyle.Rule, (string?)traces[2]!["fillcolor"]);
    }

    [Fact]
    public void A_network_draws_links_below_points_and_no_axes()
    {
        JsonNode plot = Json(new Plot("p") { Legend = false }.Network([0, 1, 2], [0, 1, 0], ["x", "<y>", "z"], ["c", "c", "d"], [(0, 1)]));

        Assert.Equal("[0,1,null]", plot["data"]![0]!["x"]!.ToJsonString());
        Assert.Equal("&lt;y&gt; &#183; c", (string?)plot["data"]![1]!["text"]![1]);
        Assert.Equal((false, false), ((bool)plot["layout"]!["xaxis"]!["visible"]!, (bool)plot["layout"]!["showlegend"]!));
    }

    [Theory]
    [InlineData("[]", new double[0])]
    [InlineData("[3]", new[] { 2.0, 2, 2 })]
    public void A_histogram_of_nothing_or_of_one_value_is_still_one(string counts, double[] values)
    {
        JsonArray y = (JsonArray)Trace(new Plot("p").Histogram("h", values))["y"]!;

        Assert.Equal(counts, new JsonArray([.. y.Where(c => (double)c! > 0).Select(c => c!.DeepClone())]).ToJsonString());
    }

    [Fact]
    public void A_heat_map_runs_from_the_top_down_and_shows_where_categories_change()
    {
        JsonNode plot = Json(new Plot("p").HeatMap([1, 2], ["a", "b", "c"], [[.1, .2], [.3, .4], [.5, double.NaN]], "share", 0, 1, ["x", "x", "y"]));

        Assert.Equal("reversed", (string?)plot["layout"]!["yaxis"]!["autorange"]);
        Assert.Equal("[[0.1,0.2],[0.3,0.4],[0.5,null]]", plot["data"]![0]!["z"]!.ToJsonString());
        Assert.Equal("[[0],[0],[1]]", plot["data"]![1]!["z"]!.ToJsonString());
        Assert.Equal([1.5], ((JsonArray)plot["layout"]!["shapes"]!).Select(s => (double)s!["y0"]!));
    }

    [Fact]
    public void A_logarithmic_axis_gives_its_ends_as_exponents()
    {
        JsonNode axis = Json(new Plot("p") { Y = new("latency, ms") { Log = true, Min = 1, Max = 1000 } })["layout"]!["yaxis"]!;

        Assert.Equal("log", (string?)axis["type"]);
        Assert.Equal([0.0, 3], ((JsonArray)axis["range"]!).Select(v => (double)v!));
    }

    [Fact]
    public void A_legend_is_shown_for_more_than_one_series()
    {
        Assert.False((bool)Json(new Plot("p").Bar("a", ["x"], [1]))["layout"]!["showlegend"]!);
        Assert.True((bool)Json(new Plot("p").Bar("a", ["x"], [1]).Bar("b", ["x"], [2]))["layout"]!["showlegend"]!);
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Plot("p").Line("a", [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => new Plot("p").HeatMap([1], ["a", "b"], [[1], [2]], "u", categories: ["x"]));
        Assert.Throws<ArgumentException>(() => new Plot("p").Line("a", [new object()], [1]));
    }

    [Fact]
    public void A_plot_may_be_written_twice()
    {
        Plot plot = new Plot("p").Line("a", [1], [1]);

        Assert.Equal(plot.ToJson().ToJsonString(), plot.ToJson().ToJsonString());
    }

    private static JsonNode Json(Plot plot) => Assert.Single(HtmlReportTests.Drawn(new HtmlReport("t").Plot(plot).ToHtml()));

    private static JsonNode Trace(Plot plot) => Assert.Single((JsonArray)Json(plot)["data"]!)!;
}
