using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>What must hold on every InfluxDB; each call takes a database of its own.</summary>
internal static class InfluxContract
{
    private const long Start = 1_795_411_000_000_000_000;

    public static async Task<InfluxClient> OpenAsync(InfluxOptions options)
    {
        InfluxClient client = new(options, NullLoggerFactory.Instance, TimeProvider.System);
        await client.EnsureTargetAsync(CancellationToken.None);
        return client;
    }

    public static async Task<List<InfluxRow>> RowsAsync(InfluxClient client, string question)
    {
        List<InfluxRow> rows = [];
        await foreach (InfluxRow row in client.QueryAsync(question)) rows.Add(row);
        return rows;
    }

    /// <summary>Whatever the writer does not refuse has to come back as it was.</summary>
    public static async Task NastyNamesComeBackAsync(InfluxClient client)
    {
        Random random = new(17);
        // One measurement, tag set and field a point, so that what comes back can be told apart by its number.
        Point[] points = [.. Enumerable.Range(0, 400).Select(i => new Point(
            "m" + i.ToString(CultureInfo.InvariantCulture) + Nasty(random),
            [new Tag("k" + Nasty(random), "v" + Nasty(random)), new Tag(Nasty(random) + "k", Nasty(random))],
            [new Field("n", i), new Field("f" + Nasty(random), Nasty(random))],
            Start + i))];
        WriteResult result = await client.WriteAsync(points, CancellationToken.None);

        HashSet<int> refused = [.. result.Rejected.Select(r => r.Index)];
        Assert.All(result.Rejected, r => Assert.Contains("line protocol cannot carry", r.Reason, StringComparison.Ordinal));
        Assert.Equal(points.Length, result.Stored + refused.Count);
        Assert.InRange(refused.Count, 1, points.Length / 2);
        // InfluxQL cannot name all of them, so it is not asked to.
        Dictionary<long, InfluxRow> rows = (await RowsAsync(client, "SELECT * FROM /./ GROUP BY *")).ToDictionary(r => r.TimeUnixNs);
        Assert.Empty(points.Where((p, i) => !refused.Contains(i) && !rows.ContainsKey(p.TimeUnixNs)).Select(Shown));
        foreach (Point point in points.Where((_, i) => !refused.Contains(i)))
        {
            InfluxRow row = rows[point.TimeUnixNs];
            Assert.Equal(point.Measurement, row.Series.Name);
            Assert.Equal(point.Fields[0].AsInteger, row.Integer("n"));
            Assert.Equal(point.Fields[1].Text, row.Text(point.Fields[1].Key));
            Assert.Equal(
                point.Tags.Where(t => t.Value.Length > 0).OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (t.Key, t.Value)),
                row.Series.Tags.Where(t => t.Value.Length > 0).OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (t.Key, t.Value)));
        }
    }

    public static async Task ValuesComeBackExactlyAsync(InfluxClient client, bool unsigned)
    {
        double[] floats = [0, -0.0, 0.1, 1, 1e300, -1e-300, double.Epsilon, double.MaxValue, double.MinValue, 1.0 / 3, 123456789012345680000.0];
        long[] integers = [0, -1, long.MaxValue, long.MinValue];
        ulong[] positives = unsigned ? [0, 7, ulong.MaxValue] : [0, 7, long.MaxValue];
        List<Point> points = [];
        for (int i = 0; i < floats.Length; i++)
            points.Add(new Point("values", [], [new Field("f", floats[i]), new Field("i", integers[i % 4]), new Field("u", positives[i % 3]), new Field("b", i % 2 == 0)], Start + i));
        WriteResult result = await client.WriteAsync(points, CancellationToken.None);
        Assert.Empty(result.Rejected);

        List<InfluxRow> rows = await RowsAsync(client, "SELECT f, i, u, b FROM \"values\"");
        Assert.Equal(floats, rows.Select(r => r.Float("f")!.Value));
        Assert.Equal(Enumerable.Range(0, floats.Length).Select(i => integers[i % 4]), rows.Select(r => r.Integer("i")!.Value));
        Assert.Equal(Enumerable.Range(0, floats.Length).Select(i => positives[i % 3]), rows.Select(r => r.Unsigned("u")!.Value));
        Assert.Equal(Enumerable.Range(0, floats.Length).Select(i => i % 2 == 0), rows.Select(r => r.Boolean("b")!.Value));
    }

    /// <summary>Lines that the server refuses are found among thousands; all others are stored.</summary>
    /// <param name="words">The server's, in every reason.</param>
    public static async Task BadLinesAreFoundAsync(InfluxClient client, string words = "field type conflict")
    {
        await client.WriteAsync([new Point("conflict", [], [new Field("v", 1.5)], Start)], CancellationToken.None);
        List<Point> points = [];
        int[] bad = [0, 1234, 1235, 6999];
        for (int i = 0; i < 7000; i++)
        {
            Field value = bad.Contains(i) ? new Field("v", "a text where a number was") : new Field("v", i + 0.5);
            points.Add(new Point("conflict", [], [value], Start + i));
        }
        WriteResult result = await client.WriteAsync(points, CancellationToken.None);
        Assert.Equal(bad, result.Rejected.Select(r => r.Index));
        Assert.All(result.Rejected, r => Assert.Contains(words, r.Reason, StringComparison.Ordinal));
        Assert.Equal(7000 - bad.Length, result.Stored);
        // The point written first is overwritten by none of them: its successor at the same time was refused.
        Assert.Equal(7000 - bad.Length + 1, Assert.Single(await RowsAsync(client, "SELECT COUNT(v) FROM conflict")).Integer("count"));
    }

    public static async Task ARepeatChangesNothingAsync(InfluxClient client)
    {
        Point[] points = [.. Enumerable.Range(0, 500).Select(i => new Point("again", [new Tag("vm", "vm-" + (i % 50))], [new Field("v", i * 0.25)], Start + i / 50 * 1_000_000_000L))];
        List<(long, double?)>[] seen = new List<(long, double?)>[2];
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal(500, (await client.WriteAsync(points, CancellationToken.None)).Stored);
            seen[round] = [.. (await RowsAsync(client, "SELECT v FROM again GROUP BY vm")).Select(r => (r.TimeUnixNs, r.Float("v")))];
        }
        Assert.Equal(500, seen[0].Count);
        Assert.Equal(seen[0], seen[1]);
    }

    public static async Task WrongQueriesAreTypedErrorsAsync(InfluxClient client)
    {
        InfluxQueryException syntax = await Assert.ThrowsAsync<InfluxQueryException>(() => RowsAsync(client, "SELEC v FROM m"));
        Assert.Equal(400, syntax.Status);
        InfluxQueryException inside = await Assert.ThrowsAsync<InfluxQueryException>(() => RowsAsync(client, "SHOW DATABASES; SELECT mean(v), v FROM m"));
        Assert.Equal((200, 1), (inside.Status, inside.Statement));
        Assert.Contains("mixing aggregate", inside.Message, StringComparison.Ordinal);
    }

    private static string Nasty(Random random)
    {
        string[] pieces = [",", "=", " ", "\\", "\"", "'", "#", "\t", "\r", "\n", "é", "\U0001F600", "a", "n", "\u0001", "\\\\", "i", "1"];
        StringBuilder text = new();
        for (int i = random.Next(5); i >= 0; i--)
        {
            string piece = pieces[random.Next(pieces.Length)];
            // A line feed condemns a name: not too many of them.
            text.Append(piece == "\n" && random.Next(8) > 0 ? "b" : piece);
        }
        // A backslash at the end does too.
        return text[^1] == '\\' && random.Next(8) > 0 ? text.Append('c').ToString() : text.ToString();
    }

    private static string Shown(Point point) =>
        $"{point.Measurement}|{string.Join("|", point.Tags.Select(t => t.ToString()))}|{point.Fields[1].Key}|{point.Fields[1].Text}".ReplaceLineEndings("<LF>");
}
