using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pipeline.Infra.Reports;

namespace Pipeline.Tests.Unit.Infra.Reports;

public sealed partial class HtmlReportTests
{
    [Fact]
    public void Text_is_escaped_wherever_it_goes()
    {
        const string Evil = "<script>alert('x')</script>&\"";
        string html = new HtmlReport(Evil).Section(Evil).Text(Evil).Figures((Evil, Evil)).Table(Evil, [Evil], [[Evil]])
            .Plot(new Plot(Evil) { X = new(Evil), Y = new(Evil) }.Bar(Evil, [Evil], [1]).HeatMap([Evil], [Evil], [[1]], Evil, categories: [Evil]))
            .ToHtml();

        Assert.DoesNotContain("alert('x')", html, StringComparison.Ordinal);
        // What plotly is given is escaped for plotly, which reads markup, and then for the script element.
        Assert.Equal("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;", (string?)Drawn(html)[0]["layout"]!["title"]!["text"]);
    }

    [Fact]
    public void The_page_needs_no_other_file()
    {
        string html = ReportExample.Make().ToHtml();

        Assert.DoesNotMatch(@"<(script|link|img)[^>]*\b(src|href)=", html);
        Assert.Contains("showSendToCloud:false,plotlyServerURL:''", html, StringComparison.Ordinal);
        Assert.Contains("window.Plotly = Plotly", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_without_plots_does_without_plotly() => Assert.InRange(new HtmlReport("t").Text("x").ToHtml().Length, 1, 10_000);

    [Fact]
    public void Columns_of_numbers_are_set_to_the_right()
    {
        string html = new HtmlReport("t").Table("c", ["name", "ms", "share"], [["a", "1,200.5", "3 %"], ["b", "-", "-2"]]).ToHtml();

        Assert.Contains("<tr><td>a</td><td class=\"number\">1,200.5</td><td class=\"number\">3 %</td></tr>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_does_not_fit_the_headers_is_refused() =>
        Assert.Throws<ArgumentException>(() => new HtmlReport("t").Table("c", ["a", "b"], [["1"]]));

    [Fact]
    public void The_example_of_the_README_is_the_one_that_is_compiled()
    {
        string source = File.ReadAllText(Path.Combine(Repository.Root, "tests", "unit", "Infra", "Reports", "ReportExample.cs"));
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "infra", "Reports", "README.md"));
        string body = Body().Match(source).Groups[1].Value;

        Assert.NotEmpty(body);
        Assert.Contains(string.Join('\n', body.Split('\n').Select(l => l.Length > 8 ? l[8..] : "")), readme, StringComparison.Ordinal);
    }

    internal static JsonNode[] Drawn(string html) =>
        [.. Draw().Matches(html).Select(m => JsonNode.Parse(m.Groups[1].Value)!)];

    [GeneratedRegex(@"<script>draw\('plot\d+',(.*)\)</script>")]
    private static partial Regex Draw();

    [GeneratedRegex(@"Make\(\)\n    \{\n(.*)\n        return report;", RegexOptions.Singleline)]
    private static partial Regex Body();
}
