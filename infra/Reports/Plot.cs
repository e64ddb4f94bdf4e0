using System.Text.Json.Nodes;

namespace Pipeline.Infra.Reports;

/// <summary>
/// One plot: a title, two axes and any number of series. Values are numbers, times or strings; null and NaN are gaps.
/// Made by chaining: <c>new Plot("Latency") { X = new("time"), Y = new("ms") }.Line("p50", times, p50).Line("p99", times, p99)</c>.
/// </summary>
public sealed class Plot(string title)
{
    private readonly JsonArray traces = [];
    private readonly JsonArray shapes = [];
    private JsonObject? categoryAxis;
    private bool withoutAxes;

    public string Title => title;

    public PlotAxis X { get; init; } = new("");

    public PlotAxis Y { get; init; } = new("");

    /// <summary>Whether the series are named beside the plot, where there are several.</summary>
    public bool Legend { get; init; } = true;

    /// <summary>Pixels.</summary>
    public int Height { get; init; } = 400;

    /// <summary>Points joined by a line.</summary>
    public Plot Line<TX, TY>(string name, IEnumerable<TX> x, IEnumerable<TY> y, bool dashed = false)
    {
        JsonObject line = dashed ? new() { ["width"] = 1.5, ["dash"] = "dash", ["color"] = PlotStyle.Muted } : new() { ["width"] = 2 };
        return Series("scatter", name, x, y, new() { ["mode"] = "lines", ["line"] = line });
    }

    /// <summary>Points alone, translucent, so that many on one spot are seen as many.</summary>
    public Plot Scatter<TX, TY>(string name, IEnumerable<TX> x, IEnumerable<TY> y) =>
        Series("scatter", name, x, y, new() { ["mode"] = "markers", ["marker"] = new JsonObject { ["size"] = 5, ["opacity"] = .45 } });

    /// <summary>Single points that are read one by one; with <paramref name="low"/> and <paramref name="high"/> each with its interval.</summary>
    public Plot Points<TX>(string name, IEnumerable<TX> x, IEnumerable<double> y, IEnumerable<double>? low = null, IEnumerable<double>? high = null)
    {
        double[] values = [.. y];
        JsonObject trace = new() { ["mode"] = "markers", ["marker"] = new JsonObject { ["size"] = 8 } };
        if (low is not null && high is not null)
        {
            trace["error_y"] = new JsonObject
            {
                ["type"] = "data",
                ["symmetric"] = false,
                ["array"] = PlotJson.Array(high.Select((h, i) => h - values[i])),
                ["arrayminus"] = PlotJson.Array(low.Select((l, i) => values[i] - l)),
                ["thickness"] = 1.5,
                ["width"] = 4,
            };
        }
        return Series("scatter", name, x, values, trace);
    }

    /// <summary>A bar for each x.</summary>
    public Plot Bar<TX, TY>(string name, IEnumerable<TX> x, IEnumerable<TY> y) => Series("bar", name, x, y, []);

    /// <summary>How many values fall into each of equally wide bins. Values outside [from, to] (given, or the smallest and largest value) are left out.</summary>
    public Plot Histogram(string name, IEnumerable<double> values, int bins = 40, double? from = null, double? to = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        double[] all = [.. values.Where(double.IsFinite)];
        if (all.Length == 0) return Bar(name, all, all);
        double low = from ?? all.Min(), high = to ?? all.Max(), width = high > low ? (high - low) / bins : 1;
        long[] counts = new long[bins];
        foreach (double value in all)
            if (value >= low && value <= high) counts[Math.Min(bins - 1, (int)((value - low) / width))]++;
        return Series("bar", name, Enumerable.Range(0, bins).Select(i => low + ((i + .5) * width)), counts, new()
        {
            ["width"] = PlotJson.Value(width),
            ["marker"] = new JsonObject { ["opacity"] = .75, ["line"] = new JsonObject { ["width"] = 1, ["color"] = "#fff" } },
        });
    }

    /// <summary>A cell for each y (from the top down) and x.</summary>
    /// <param name="x">Columns.</param>
    /// <param name="y">Row names, unique.</param>
    /// <param name="z">Rows of values.</param>
    /// <param name="unit">What the colours mean.</param>
    /// <param name="min">Value of the lightest colour; null: from the data.</param>
    /// <param name="max">Value of the darkest colour; null: from the data.</param>
    /// <param name="categories">Category of each row: a strip of colours beside the rows, and a rule between neighbours of different categories.</param>
    public Plot HeatMap<TX, TZ>(IEnumerable<TX> x, IReadOnlyList<string> y, IEnumerable<IEnumerable<TZ>> z, string unit, double? min = null, double? max = null, IReadOnlyList<string>? categories = null)
    {
        JsonArray rows = PlotJson.Array(y);
        traces.Add(new JsonObject
        {
            ["type"] = "heatmap",
            ["x"] = PlotJson.Array(x),
            ["y"] = rows,
            ["z"] = new JsonArray([.. z.Select(row => PlotJson.Array(row))]),
            ["zmin"] = PlotJson.Value(min),
            ["zmax"] = PlotJson.Value(max),
            ["zauto"] = min is null && max is null,
            ["colorscale"] = PlotStyle.HeatScale(),
            ["colorbar"] = new JsonObject { ["title"] = new JsonObject { ["text"] = PlotJson.Text(unit), ["side"] = "top" }, ["thickness"] = 14, ["outlinewidth"] = 0 },
            ["hovertemplate"] = "%{y}<br>%{x}<br>%{z}<extra></extra>",
        });
        if (categories is not null) AddCategories(y, categories);
        return this;
    }

    /// <summary>
    /// How items go from category to category over time: in each column a box for each category, as high as it has items, and bands to where
    /// they are in the next.
    /// </summary>
    /// <param name="times">Columns, ascending.</param>
    /// <param name="members">[column][item] category of each item, 0 and up; -1: it is not there.</param>
    /// <param name="categories">Their names.</param>
    /// <param name="muted">A category that is only background, or -1.</param>
    public Plot Flow(IReadOnlyList<DateTime> times, int[][] members, IReadOnlyList<string> categories, int muted = -1)
    {
        if (times.Count != members.Length) throw new ArgumentException($"plot '{title}' has {times.Count} times and {members.Length} columns");
        if (times.Count == 0) return this;
        FlowLayout flow = new(members, gap: Math.Max(1, members.Max(m => m.Length) / 100));
        TimeSpan half = times.Count > 1 ? (times[^1] - times[0]) / (times.Count - 1) / 10 : TimeSpan.FromHours(1);
        FlowShapes[] shapesOf = [.. categories.Select(_ => new FlowShapes())];
        for (int c = 0; c < times.Count; c++)
        {
            foreach ((int category, (double low, int count)) in flow.Boxes[c]) shapesOf[category].Box(times[c] - half, times[c] + half, low, count);
            if (c + 1 == times.Count) continue;
            foreach ((int from, _, double low, double lowNext, int count) in flow.Bands(c)) shapesOf[from].Band(times[c] + half, times[c + 1] - half, low, lowNext, count);
        }
        for (int category = 0; category < categories.Count; category++)
        {
            string color = category == muted ? PlotStyle.Rule : PlotStyle.Palette[category % PlotStyle.Palette.Length];
            foreach ((JsonArray x, JsonArray y, double opacity) in shapesOf[category].Outlines)
            {
                if (x.Count == 0) continue;
                traces.Add(new JsonObject
                {
                    ["type"] = "scatter",
                    ["mode"] = "lines",
                    ["fill"] = "toself",
                    ["line"] = new JsonObject { ["width"] = 0 },
                    ["fillcolor"] = color,
                    ["opacity"] = opacity,
                    ["hoveron"] = "fills",
                    ["hoverinfo"] = "text",
                    ["text"] = PlotJson.Text(categories[category]),
                    ["x"] = x,
                    ["y"] = y,
                });
            }
        }
        return this;
    }

    /// <summary>Points that name themselves under the pointer, coloured by category, and the links between them as thin lines below. Axes mean nothing and are not shown.</summary>
    /// <param name="x">[N].</param>
    /// <param name="y">[N].</param>
    /// <param name="names">[N].</param>
    /// <param name="categories">[N].</param>
    /// <param name="links">Pairs of points.</param>
    /// <param name="muted">A category that is only background, or null.</param>
    public Plot Network(IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<string> names, IReadOnlyList<string> categories, IEnumerable<(int From, int To)> links, string? muted = null)
    {
        (JsonArray lx, JsonArray ly) = ([], []);
        foreach ((int from, int to) in links)
        {
            foreach (double? value in (double?[])[x[from], x[to], null]) lx.Add(PlotJson.Value(value));
            foreach (double? value in (double?[])[y[from], y[to], null]) ly.Add(PlotJson.Value(value));
        }
        traces.Add(new JsonObject
        {
            ["type"] = "scatter",
            ["mode"] = "lines",
            ["x"] = lx,
            ["y"] = ly,
            ["hoverinfo"] = "skip",
            ["line"] = new JsonObject { ["width"] = .6, ["color"] = PlotStyle.Rule },
        });
        string[] distinct = [.. categories.Distinct(StringComparer.Ordinal)];
        for (int c = 0; c < distinct.Length; c++)
        {
            int[] rows = [.. Enumerable.Range(0, names.Count).Where(i => categories[i] == distinct[c])];
            traces.Add(new JsonObject
            {
                ["type"] = "scatter",
                ["mode"] = "markers",
                ["name"] = PlotJson.Text(distinct[c]),
                ["x"] = PlotJson.Array(rows.Select(r => x[r])),
                ["y"] = PlotJson.Array(rows.Select(r => y[r])),
                ["text"] = PlotJson.Array(rows.Select(r => $"{names[r]} · {distinct[c]}")),
                ["hoverinfo"] = "text",
                ["marker"] = new JsonObject { ["size"] = 7, ["color"] = distinct[c] == muted ? PlotStyle.Rule : PlotStyle.Palette[c % PlotStyle.Palette.Length], ["line"] = new JsonObject { ["width"] = 1, ["color"] = "#fff" } },
            });
        }
        withoutAxes = true;
        return this;
    }

    internal JsonObject ToJson()
    {
        JsonObject layout = PlotStyle.Layout(title);
        (JsonObject x, JsonObject y) = (X.ToJson(), Y.ToJson());
        if (traces.Any(t => (string?)t!["type"] == "heatmap")) y["autorange"] = "reversed";
        if (withoutAxes)
        {
            (x["visible"], y["visible"], y["scaleanchor"]) = (false, false, "x");
            layout["hovermode"] = "closest";
        }
        if (categoryAxis is not null)
        {
            x["domain"] = new JsonArray(.025, 1);
            layout["xaxis2"] = categoryAxis.DeepClone();
            // Row names stand to the left of the strip.
            y["anchor"] = "x2";
        }
        (layout["xaxis"], layout["yaxis"], layout["height"], layout["shapes"]) = (x, y, Height, shapes.DeepClone());
        layout["showlegend"] = Legend && traces.Count(t => t!["name"] is not null) > 1;
        layout["barmode"] = traces.Any(t => t!["width"] is not null) ? "overlay" : "group";
        return new JsonObject { ["data"] = traces.DeepClone(), ["layout"] = layout };
    }

    private Plot Series<TX, TY>(string type, string name, IEnumerable<TX> x, IEnumerable<TY> y, JsonObject trace)
    {
        (JsonArray xs, JsonArray ys) = (PlotJson.Array(x), PlotJson.Array(y));
        if (xs.Count != ys.Count) throw new ArgumentException($"series '{name}' of plot '{title}' has {xs.Count} x and {ys.Count} y");
        (trace["type"], trace["name"], trace["x"], trace["y"]) = (type, PlotJson.Text(name), xs, ys);
        traces.Add(trace);
        return this;
    }

    private void AddCategories(IReadOnlyList<string> rows, IReadOnlyList<string> categories)
    {
        if (rows.Count != categories.Count) throw new ArgumentException($"plot '{title}' has {rows.Count} rows and {categories.Count} categories");
        string[] distinct = [.. categories.Distinct(StringComparer.Ordinal)];
        traces.Add(new JsonObject
        {
            ["type"] = "heatmap",
            ["xaxis"] = "x2",
            ["x"] = new JsonArray(0),
            ["y"] = PlotJson.Array(rows),
            ["z"] = new JsonArray([.. categories.Select(c => new JsonArray(Array.IndexOf(distinct, c)))]),
            ["zmin"] = -.5,
            ["zmax"] = distinct.Length - .5,
            ["text"] = new JsonArray([.. categories.Select(c => new JsonArray(PlotJson.Text(c)))]),
            ["colorscale"] = PlotStyle.CategoryScale(distinct.Length),
            ["showscale"] = false,
            ["hovertemplate"] = "%{y}<br>%{text}<extra></extra>",
        });
        categoryAxis = new JsonObject { ["domain"] = new JsonArray(0, .015), ["visible"] = false, ["fixedrange"] = true };
        for (int i = 1; i < rows.Count; i++)
        {
            if (categories[i] == categories[i - 1]) continue;
            shapes.Add(new JsonObject
            {
                ["type"] = "line",
                ["xref"] = "paper",
                ["x0"] = 0,
                ["x1"] = 1,
                ["y0"] = i - .5,
                ["y1"] = i - .5,
                ["line"] = new JsonObject { ["color"] = "#fff", ["width"] = 1.5 },
            });
        }
    }
}
