using System.Globalization;
using System.Text;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Benchmarks.Influx;

/// <summary>What one would write in an afternoon: a StringBuilder and an HttpClient. Escapes nothing, and throws where an answer is not 2xx.</summary>
internal sealed class PlainLoop(Uri url, string database) : IDisposable
{
    private const int BatchLines = 5000;

    private readonly HttpClient http = new() { BaseAddress = url };

    public async Task WriteAsync(IReadOnlyList<Point> points, CancellationToken cancel)
    {
        StringBuilder text = new();
        int lines = 0;
        foreach (Point point in points)
        {
            Append(text, point);
            if (++lines < BatchLines) continue;
            await PostAsync(text.ToString(), cancel);
            text.Clear();
            lines = 0;
        }
        if (lines > 0) await PostAsync(text.ToString(), cancel);
    }

    public void Dispose() => http.Dispose();

    private static void Append(StringBuilder text, Point point)
    {
        text.Append(point.Measurement);
        foreach (Tag tag in point.Tags) text.Append(CultureInfo.InvariantCulture, $",{tag.Key}={tag.Value}");
        char separator = ' ';
        foreach (Field field in point.Fields)
        {
            if (field.Kind == FieldKind.Integer) text.Append(CultureInfo.InvariantCulture, $"{separator}{field.Key}={field.AsInteger}i");
            else text.Append(CultureInfo.InvariantCulture, $"{separator}{field.Key}={field.AsFloat}");
            separator = ',';
        }
        text.Append(CultureInfo.InvariantCulture, $" {point.TimeUnixNs}\n");
    }

    private async Task PostAsync(string lines, CancellationToken cancel)
    {
        using StringContent content = new(lines);
        using HttpResponseMessage answer = await http.PostAsync(new Uri($"write?db={database}&precision=ns", UriKind.Relative), content, cancel);
        answer.EnsureSuccessStatusCode();
    }
}
