using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Pipeline.Infra.Reports;

/// <summary>One HTML page with text, figures, tables and plots, complete in itself: it needs no network and no other file.</summary>
public sealed class HtmlReport(string title)
{
    private static readonly JsonSerializerOptions Compact = new() { WriteIndented = false };

    private readonly StringBuilder body = new();
    private int plots;

    /// <summary>A heading.</summary>
    public HtmlReport Section(string heading) => Append($"<h2>{Escape(heading)}</h2>");

    /// <summary>A paragraph.</summary>
    public HtmlReport Text(string text) => Append($"<p>{Escape(text)}</p>");

    /// <summary>Key figures, each large with its name below.</summary>
    public HtmlReport Figures(params IEnumerable<(string Name, string Value)> figures) =>
        Append($"<div class=\"figures\">{string.Concat(figures.Select(f => $"<div class=\"figure\"><b>{Escape(f.Value)}</b><span>{Escape(f.Name)}</span></div>"))}</div>");

    /// <summary>A table; columns in which every cell is a number are set to the right.</summary>
    public HtmlReport Table(string caption, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] all = [.. rows];
        foreach (IReadOnlyList<string> row in all)
            if (row.Count != headers.Count) throw new ArgumentException($"table '{caption}' has {headers.Count} headers and a row of {row.Count} cells");
        string[] alignments = [.. headers.Select((_, c) => all.Length > 0 && all.All(r => IsNumber(r[c])) ? " class=\"number\"" : "")];
        Append($"<table><caption>{Escape(caption)}</caption><thead>{Row("th", headers)}</thead><tbody>");
        foreach (IReadOnlyList<string> row in all) Append(Row("td", row));
        return Append("</tbody></table>");

        string Row(string tag, IReadOnlyList<string> cells) => $"<tr>{string.Concat(cells.Select((cell, c) => $"<{tag}{alignments[c]}>{Escape(cell)}</{tag}>"))}</tr>";
    }

    /// <summary>A plot over the whole width.</summary>
    public HtmlReport Plot(Plot plot)
    {
        int id = ++plots;
        // System.Text.Json escapes '<': nothing in the data can end the script element.
        return Append($"<div class=\"plot\" id=\"plot{id}\" style=\"min-height:{plot.Height}px\" aria-label=\"{Escape(plot.Title)}\"></div>")
            .Append($"<script>draw('plot{id}',{plot.ToJson().ToJsonString(Compact)})</script>");
    }

    /// <summary>The whole page.</summary>
    public string ToHtml() => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{Escape(title)}}</title>
        <style>
        {{Resource("report.css")}}</style>
        {{(plots > 0 ? Script() : "")}}</head>
        <body>
        <h1>{{Escape(title)}}</h1>
        {{body}}</body>
        </html>

        """;

    /// <summary>Writes the page; the folder is made where it is missing.</summary>
    public void Write(FileInfo file)
    {
        file.Directory?.Create();
        File.WriteAllText(file.FullName, ToHtml());
    }

    // The library offers to upload a plot to its maker's site; a report about a fleet stays where it is.
    private static string Script() => $$"""
        <script>
        {{Resource("plotly-cartesian.min.js")}}</script>
        <script>const draw=(id,plot)=>Plotly.newPlot(id,plot.data,plot.layout,{responsive:true,displaylogo:false,displayModeBar:'hover',showSendToCloud:false,plotlyServerURL:'',modeBarButtonsToRemove:['select2d','lasso2d']});</script>

        """;

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(typeof(HtmlReport), name) ?? throw new InvalidOperationException($"{name} is not embedded");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static bool IsNumber(string cell) => double.TryParse(cell.TrimEnd('%', ' '), NumberStyles.Number, CultureInfo.InvariantCulture, out _) || cell is "" or "-";

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private HtmlReport Append(string html)
    {
        body.Append(html).Append('\n');
        return this;
    }
}
