using System.Globalization;
using System.Net;
using System.Text;
using CsCheck;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

public sealed class InfluxQueryTests
{
    private const string Mixing = "mixing aggregate and non-aggregate queries is not supported";

    [Theory]
    [InlineData(FakeInflux.One, "vm")]
    [InlineData(FakeInflux.Two, "vm")]
    [InlineData(FakeInflux.Three, "vm")]
    public void A_question_is_a_form_that_asks_for_nanoseconds_in_chunks(string version, string database)
    {
        FakeInflux influx = new(version, _ => Recorded.One.Answer("influxql: epoch ns"));
        InfluxRow row = Assert.Single(influx.Query("SELECT usage FROM q WHERE host = 'a&b' LIMIT 1"));
        Assert.Equal((1_795_411_000_000_000_000, 1.5), (row.TimeUnixNs, row.Float("usage")));
        FakeRequest request = Assert.Single(influx.Requests);
        Assert.Equal(("POST", "/query", "application/x-www-form-urlencoded"), (request.Method, request.Path, request.ContentType));
        Assert.Equal($"db={database}&q=SELECT+usage+FROM+q+WHERE+host+%3D+%27a%26b%27+LIMIT+1&epoch=ns&chunked=true", request.Body);
        Assert.Equal(version == FakeInflux.One ? "Basic YWRtaW46cGFzcw==" : "Token TOKEN", request.Authorization);
    }

    [Fact]
    public void Values_of_every_kind_and_nulls_are_read()
    {
        List<InfluxRow> one = Ask(Recorded.One, "influxql: select *"), two = Ask(Recorded.Two, "influxql: select *");
        foreach (List<InfluxRow> rows in (List<InfluxRow>[])[one, two])
        {
            Assert.Equal(4, rows.Count);
            InfluxRow first = rows[0], second = rows[1];
            Assert.Equal("q", first.Series.Name);
            Assert.Empty(first.Series.Tags);
            Assert.Equal((1L, true, "eu", 1.5), (first.Integer("n"), first.Boolean("ok"), first.Text("region"), first.Float("usage")));
            Assert.Null(first.Float("idle"));
            Assert.Null(first.Text("s"));
            Assert.Equal((97.5, "comma, \"quote\" and back\\slash"), (second.Float("idle"), second.Text("s")));
            Assert.Null(second.Integer("n"));
            Assert.Null(second.Boolean("ok"));
            Assert.Null(second.Text("region"));
            Assert.Equal("two\nlines", rows[2].Text("s"));
            Assert.Equal(-0.000001, rows[3].Float("usage"));
        }
        Assert.Equal(8UL, two[0].Unsigned("u"));
        Assert.Null(two[1].Unsigned("u"));
    }

    [Fact]
    public void Numbers_are_read_to_their_last_digit()
    {
        InfluxRow row = Assert.Single(Ask("""{"results":[{"statement_id":0,"series":[{"name":"m","columns":["time","a","b","c"],"values":[[-9223372036854775806,18446744073709551615,9223372036854775807,1.7976931348623157e+308]]}]}]}"""));
        Assert.Equal((-9223372036854775806, ulong.MaxValue, long.MaxValue, double.MaxValue), (row.TimeUnixNs, row.Unsigned("a"), row.Integer("b"), row.Float("c")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Several_series_have_their_tags(bool two)
    {
        List<InfluxRow> rows = Ask(two ? Recorded.Two : Recorded.One, "influxql: group by tag, fill null");
        Assert.Equal(12, rows.Count);
        Assert.Equal(["a", "b", "c d,e"], rows.Select(r => r.Tag("host")).Distinct());
        Assert.All(rows, r => Assert.Equal("", r.Tag("region")));
        Assert.Equal([1.5, null, 3.5, null], rows.Where(r => r.Tag("host") == "a").Select(r => r.Float("mean")));
    }

    [Fact]
    public void A_tag_that_is_null_is_empty() => Assert.Equal("", Assert.Single(Ask("""{"results":[{"series":[{"name":"m","tags":{"vm":null},"columns":["time"],"values":[[1]]}]}]}""")).Tag("vm"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Chunks_that_are_marked_partial_are_one_answer(bool two) =>
        Assert.Equal([1.5, 2.5, 3.5, -0.000001], Ask(two ? Recorded.Two : Recorded.One, "influxql: chunked size 2").Select(r => r.Float("usage")!.Value));

    [Fact]
    public void Several_statements_are_answered_one_after_the_other()
    {
        List<InfluxRow> rows = Ask(Recorded.One, "influxql: multi statements");
        Assert.Equal(["q", "measurements", "measurements"], rows.Select(r => r.Series.Name));
        Assert.Equal(["badp", "big"], rows.Skip(1).Select(r => r.Text("name")!));
    }

    [Fact]
    public void A_listing_has_no_time_and_may_have_no_name()
    {
        InfluxRow policy = Ask(Recorded.One, "influxql: show retention policies")[1];
        Assert.Equal(("", "short", 1L, false), (policy.Series.Name, policy.Text("name"), policy.Integer("replicaN"), policy.Boolean("default")));
        KeyNotFoundException e = Assert.Throws<KeyNotFoundException>(() => policy.Float("usage"));
        Assert.Equal("'' has no column 'usage', but name, duration, shardGroupDuration, replicaN, default", e.Message);
    }

    [Fact]
    public void Nothing_found_is_no_row()
    {
        Assert.Empty(Ask(Recorded.One, "influxql: empty result"));
        Assert.Empty(Ask(Recorded.Two, "influxql: delete via POST"));
        Assert.Empty(Ask("""{"results":[]}"""));
    }

    [Theory]
    [InlineData("influxql error: mixing aggregates", 0, 0, Mixing)]
    [InlineData("influxql error: unknown db", 0, 0, "database not found: zz")]
    [InlineData("influxql error: one of two statements", 1, 1, Mixing)]
    [InlineData("influxql: chunked multi with error", 4, 1, Mixing)]
    public void An_error_within_the_answer_comes_behind_the_rows_before_it(string recorded, int rowsBefore, int statement, string message)
    {
        List<InfluxRow> rows = [];
        FakeInflux influx = new(FakeInflux.One, _ => Recorded.One.Answer(recorded));
        InfluxQueryException e = Assert.Throws<InfluxQueryException>(() => influx.Query("SELECT", rows));
        Assert.Equal((message, 200, (int?)statement, rowsBefore), (e.Message, e.Status, e.Statement, rows.Count));
        Assert.Single(influx.Requests);
    }

    [Fact]
    public void An_error_of_the_whole_answer_has_no_statement()
    {
        InfluxQueryException e = Assert.Throws<InfluxQueryException>(() => Ask("""{"error":"timeout"}"""));
        Assert.Equal(("timeout", 200, (int?)null), (e.Message, e.Status, e.Statement));
    }

    [Theory]
    [InlineData(false, "influxql error: syntax", 400, "error parsing query: found SELEC, expected SELECT,")]
    [InlineData(false, "influxql error: wrong password", 401, "authorization failed")]
    [InlineData(true, "influxql error: syntax", 400, "failed to parse query: found SELEC, expected SELECT,")]
    public void A_refused_query_says_where_and_why(bool two, string recorded, int status, string words)
    {
        FakeInflux influx = new(FakeInflux.One, _ => (two ? Recorded.Two : Recorded.One).Answer(recorded));
        InfluxQueryException e = Assert.Throws<InfluxQueryException>(() => influx.Query("SELEC"));
        Assert.StartsWith($"InfluxDB at http://influx:8086/ answered {status} to a query: {words}", e.Message, StringComparison.Ordinal);
        Assert.Equal((status, (int?)null), (e.Status, e.Statement));
        Assert.Single(influx.Requests);
    }

    [Fact]
    public void An_answer_may_come_in_any_pieces() => Gen.Select(Gen.Int[1, 40].Array[1, 6], Gen.Int[0, 9].Array[0, 6]).Array[40].Sample(
        cases =>
        {
            foreach ((int[] pieces, int[] chunks) in cases)
            {
                StringBuilder body = new();
                int n = 0;
                foreach (int rows in chunks)
                {
                    string values = string.Join(",", Enumerable.Range(0, rows).Select(_ => $"""[{n},"é\n{n++}"]"""));
                    body.Append(CultureInfo.InvariantCulture, $$"""{"results":[{"statement_id":0,"series":[{"name":"m","columns":["time","s"],"values":[{{values}}],"partial":true}],"partial":true}]}""").Append('\n');
                }
                List<InfluxRow> read = Ask(new FakeBody(Encoding.UTF8.GetBytes(body.ToString()), BodyEnd.Whole, pieces));
                Assert.Equal(Enumerable.Range(0, n).Select(i => ((long)i, $"é\n{i}")), read.Select(r => (r.TimeUnixNs, r.Text("s")!)));
            }
        }, iter: 1, threads: 1, seed: "0000KUz8lNp4");

    [Theory]
    [InlineData(BodyEnd.BreaksOff, 0, "The response ended prematurely")]
    [InlineData(BodyEnd.Stalls, 30, "nothing came within 00:00:30")]
    public void An_answer_that_ends_too_early_is_no_answer(BodyEnd end, int seconds, string why)
    {
        byte[] part = Encoding.UTF8.GetBytes("""{"results":[{"series":[{"name":"m","columns":["time"],"values":[[1],""");
        FakeInflux influx = new(FakeInflux.One, _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new FakeBody(part, end)) });
        SinkException e = Assert.Throws<SinkException>(() => influx.Query("SELECT"));
        Assert.Contains($"http://influx:8086/ does not answer: {why}", e.Message, StringComparison.Ordinal);
        Assert.False(e.Refused);
        Assert.Equal(TimeSpan.FromSeconds(seconds), influx.Elapsed);
    }

    [Fact]
    public void Rows_of_a_chunk_are_given_before_the_next_has_come()
    {
        List<InfluxRow> rows = [];
        byte[] part = Encoding.UTF8.GetBytes("""{"results":[{"statement_id":0,"series":[{"name":"m","columns":["time"],"values":[[1],[2]],"partial":true}],"partial":true}]}""" + "\n{\"resu");
        FakeInflux influx = new(FakeInflux.One, _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new FakeBody(part, BodyEnd.Stalls)) });
        Assert.Throws<SinkException>(() => influx.Query("SELECT", rows));
        Assert.Equal([1, 2], rows.Select(r => r.TimeUnixNs));
    }

    [Theory]
    [InlineData("<html>Log in</html>")]
    [InlineData("""{"results":"none"}""")]
    public void An_answer_of_somebody_else_is_said(string body)
    {
        SinkException e = Assert.Throws<SinkException>(() => Ask(body));
        Assert.StartsWith("http://influx:8086/ answered a query with something that is not InfluxDB's: ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("Check the URL and what stands between", e.Message, StringComparison.Ordinal);
        Assert.True(e.Refused);
    }

    private static List<InfluxRow> Ask(Recorded server, string recorded) => new FakeInflux(FakeInflux.One, _ => server.Answer(recorded)).Query("SELECT");

    private static List<InfluxRow> Ask(string body) => new FakeInflux(FakeInflux.One, _ => FakeInflux.Says(HttpStatusCode.OK, body)).Query("SELECT");

    private static List<InfluxRow> Ask(Stream body) => new FakeInflux(FakeInflux.One, _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) }).Query("SELECT");
}
