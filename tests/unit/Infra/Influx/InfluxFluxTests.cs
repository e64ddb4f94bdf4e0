using System.Text;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

public sealed class InfluxFluxTests
{
    [Fact]
    public void A_question_is_sent_with_the_dialect_that_names_types()
    {
        FakeInflux influx = new(FakeInflux.Two, _ => Recorded.Two.Answer("flux annotated: empty"));
        Assert.Empty(Ask(influx));
        FakeRequest request = Assert.Single(influx.Requests);
        Assert.Equal(("POST", "/api/v2/query?org=acme", "Token TOKEN"), (request.Method, request.Path, request.Authorization));
        Assert.Equal("""{"query":"from()","type":"flux","dialect":{"annotations":["datatype","group","default"],"header":true}}""", request.Body);
    }

    [Fact]
    public void Every_type_is_read_to_its_last_digit()
    {
        FluxRow row = Assert.Single(Ask("flux annotated: all types"));
        Assert.Equal(("x", 1.5, 2L, 3UL, true), (row.Text("s"), row.Float("f"), row.Integer("i"), row.Unsigned("u"), row.Boolean("b")));
        Assert.Equal(1_795_392_000_123_456_789, row.Time("t"));
        Assert.Equal("é,\r\n", row.Text("y"));
        Assert.Equal(["string", "long", "string", "double", "long", "unsignedLong", "boolean", "dateTime:RFC3339", "string"], row.Table.Columns.Select(c => c.Type));
        KeyNotFoundException e = Assert.Throws<KeyNotFoundException>(() => row.Float("none"));
        Assert.Equal("the Flux table has no column 'none', but result, table, s, f, i, u, b, t, y", e.Message);
    }

    [Fact]
    public void Not_a_number_and_infinities_are_read() =>
        Assert.Equal(
            [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, -0.0, 0.1, 123456789012345680000.0],
            Ask("flux annotated: infinities").Select(r => r.Float("f")!.Value));

    [Fact]
    public void Empty_windows_are_null_and_tables_are_numbered()
    {
        List<FluxRow> rows = Ask("flux annotated: createEmpty nulls");
        Assert.Equal(12, rows.Count);
        Assert.Equal([0L, 1, 2], rows.Select(r => r.Number).Distinct());
        Assert.Equal([1.5, null, 3.5, null], rows.Take(4).Select(r => r.Float("_value")));
        Assert.Equal((1_795_411_001_000_000_000, "a"), (rows[0].TimeUnixNs, rows[0].Text("host")));
        Assert.True(rows[0].Table.Columns.Single(c => c.Name == "host").InGroupKey);
    }

    [Fact]
    public void The_name_of_a_yield_is_the_default_of_its_column()
    {
        List<FluxRow> rows = Ask("flux annotated: two yields");
        Assert.Equal(["hi", "cnt"], rows.Select(r => r.Result).Distinct());
        Assert.Equal([3.5, 2.5, -0.000001], rows.Where(r => r.Result == "hi").Select(r => r.Float("_value")!.Value));
        Assert.Equal([2L, 1, 1], rows.Where(r => r.Result == "cnt").Select(r => r.Integer("_value")!.Value));
    }

    [Fact]
    public void Tables_without_annotations_are_read_too()
    {
        List<FluxRow> rows = Ask("flux: pivot per host, all types, annotated");
        Assert.Equal(4, rows.Count);
        Assert.Equal("two\r\nlines", rows[1].Text("s"));
        Assert.Null(rows[1].Integer("n"));
        Assert.Equal("_result", rows[0].Result);
    }

    [Fact]
    public void An_error_that_comes_late_comes_behind_the_rows_before_it()
    {
        List<FluxRow> rows = [];
        InfluxQueryException e = Assert.Throws<InfluxQueryException>(() => Ask(new FakeInflux(FakeInflux.Two, _ => Recorded.Two.Answer("flux annotated: error after first yield has data")), rows));
        Assert.Equal(("runtime error @3:6-3:58: map: failed to evaluate map function: late, \"boom\"", 200, 4), (e.Message, e.Status, rows.Count));
    }

    [Theory]
    [InlineData("flux annotated: error before data", 404, "failed to initialize execute state: could not find bucket \"nope\"")]
    [InlineData("flux error: syntax", 400, "compilation failed: error @1:1-1:13: expected RPAREN, got EOF")]
    public void A_refused_question_says_why(string recorded, int status, string words)
    {
        FakeInflux influx = new(FakeInflux.Two, _ => Recorded.Two.Answer(recorded));
        InfluxQueryException e = Assert.Throws<InfluxQueryException>(() => Ask(influx));
        Assert.StartsWith($"InfluxDB at http://influx:8086/ answered {status} to a query: {words}", e.Message, StringComparison.Ordinal);
        Assert.Equal(status, e.Status);
        Assert.Single(influx.Requests);
    }

    [Fact]
    public void A_server_without_flux_is_said()
    {
        InfluxQueryException e = Assert.Throws<InfluxQueryException>(() => Ask(new FakeInflux(FakeInflux.One, _ => Recorded.One.Answer("flux on 1.6, JSON body"))));
        Assert.EndsWith("This server has no Flux: ask in InfluxQL", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void An_answer_may_come_in_any_pieces(int size)
    {
        byte[] body = Recorded.Two.Body("flux annotated: all types");
        FluxRow row = Assert.Single(Ask(new FakeInflux(FakeInflux.Two, _ => Answer(new FakeBody(body, BodyEnd.Whole, size)))));
        Assert.Equal(("é,\r\n", 3UL), (row.Text("y"), row.Unsigned("u")));
    }

    [Fact]
    public void Rows_are_given_before_the_answer_has_ended()
    {
        List<FluxRow> rows = [];
        FakeInflux influx = new(FakeInflux.Two, _ => Answer(new FakeBody(Encoding.UTF8.GetBytes(",result,table,_value\r\n,_result,0,1.5\r\n,_result,0,2.5\r\n,_res"), BodyEnd.Stalls)));
        SinkException e = Assert.Throws<SinkException>(() => Ask(influx, rows));
        Assert.Contains("nothing came within 00:00:30", e.Message, StringComparison.Ordinal);
        Assert.Equal([1.5, 2.5], rows.Select(r => r.Float("_value")!.Value));
    }

    [Theory]
    [InlineData("<html>\n<p>Log, in</p>\n")]
    [InlineData(",result,table\r\n,_result,0,1,2,3\r\n")]
    [InlineData(",result,table\r\n,\"_result,0\r\n")]
    public void An_answer_of_somebody_else_is_said(string body)
    {
        SinkException e = Assert.Throws<SinkException>(() => Ask(new FakeInflux(FakeInflux.Two, _ => Answer(new MemoryStream(Encoding.UTF8.GetBytes(body))))));
        Assert.Contains("something that is not InfluxDB's", e.Message, StringComparison.Ordinal);
    }

    private static HttpResponseMessage Answer(Stream body) => new(System.Net.HttpStatusCode.OK) { Content = new StreamContent(body) };

    private static List<FluxRow> Ask(string recorded) => Ask(new FakeInflux(FakeInflux.Two, _ => Recorded.Two.Answer(recorded)));

    private static List<FluxRow> Ask(FakeInflux influx)
    {
        List<FluxRow> rows = [];
        Ask(influx, rows);
        return rows;
    }

    private static void Ask(FakeInflux influx, List<FluxRow> into) => influx.Run(async client =>
    {
        await foreach (FluxRow row in client.FluxAsync("from()")) into.Add(row);
        return true;
    });
}
