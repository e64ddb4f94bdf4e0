using System.Net;
using CsCheck;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>Answers that blame some of the lines: these are found, and all others stored.</summary>
public sealed class InfluxBadLineTests
{
    private const string Malformed = "malformed line among good ones";
    private const string Poison = "retention policy not found: nope";

    private readonly HashSet<string> stored = [];

    [Theory]
    [InlineData(FakeInflux.One)]
    [InlineData(FakeInflux.Two)]
    [InlineData(FakeInflux.Three)]
    public void Any_bad_lines_are_found_and_all_others_are_stored(string version) =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 59].Array[0, 8], Gen.Int[1, 40]).Array[60].Sample(
        cases =>
        {
            foreach ((int count, int[] bad, int linesMax) in cases)
            {
                stored.Clear();
                FakeInflux influx = Server(version, linesMax);
                Point[] points = [.. Enumerable.Range(0, count).Select(i => bad.Contains(i) ? Bad(i) : FakeInflux.Point(i))];
                int[] expected = [.. bad.Where(i => i < count).Distinct().Order()];
                WriteResult result = influx.Write(points);
                Assert.Equal(expected, result.Rejected.Select(r => r.Index));
                Assert.All(result.Rejected, r => Assert.Same(points[r.Index], r.Point));
                Assert.Equal(count - expected.Length, result.Stored);
                Assert.Equal(count - expected.Length, stored.Count);
                Assert.Equal(TimeSpan.Zero, influx.Elapsed);
            }
        }, iter: 1, threads: 1, seed: "0000KUz8lNp4");

    [Fact]
    public void One_bad_line_costs_two_requests_a_halving()
    {
        FakeInflux influx = Server(FakeInflux.One, 1024);
        Point[] points = [.. Enumerable.Range(0, 1024).Select(i => i == 700 ? Bad(i) : FakeInflux.Point(i))];
        Assert.Equal(1023, influx.Write(points).Stored);
        Assert.Equal(1 + (2 * 10), influx.Writes.Count);
    }

    [Fact]
    public void The_reason_is_the_servers_own()
    {
        Assert.Equal(
            "InfluxDB 1.6.7~rc0 answered 400: unable to parse 'uns,host=a u=7u,f=1 1795411000000000000': invalid number",
            Reason(FakeInflux.One, () => Recorded.One.Answer("write unsigned field")));
        Assert.Equal(
            "InfluxDB 1.6.7~rc0 answered 400: partial write: field type conflict: input field \"v\" on measurement \"conf\" is type integer, already exists as type float dropped=1",
            Reason(FakeInflux.One, () => Recorded.One.Answer("field type conflict, then int (bad and good)")));
        Assert.Equal(
            "InfluxDB 1.6.7~rc0 answered 400: partial write: points beyond retention policy dropped=2",
            Reason(FakeInflux.One, () => Recorded.One.Answer("points outside retention")));
        Assert.Equal(
            "InfluxDB 2.7.12 answered 422: failure writing points to database: partial write: field type conflict: input field \"v\" on measurement \"conf\" is type integer, already exists as type float dropped=1",
            Reason(FakeInflux.Two, () => Recorded.Two.Answer("field type conflict, then int (one bad one good)")));
    }

    [Theory]
    [InlineData("""{"error":"partial write of line protocol occurred","data":[{"original_line":"m v=x","line_number":1,"error_message":"invalid value"}]}""")]
    [InlineData("""{"error":"partial write of line protocol occurred","data":{"original_line":"m v=x","line_number":1,"error_message":"invalid value"}}""")]
    public void The_reason_of_3_x_stands_in_its_data(string body) => Assert.Equal(
        "InfluxDB 3.2.1 answered 400: partial write of line protocol occurred: invalid value",
        Reason(FakeInflux.Three, () => FakeInflux.Says(HttpStatusCode.BadRequest, body)));

    [Theory]
    [InlineData("""{"error":"why","data":[]}""", "why")]
    [InlineData("""{"error":"why","data":["x"]}""", "why")]
    [InlineData("""{"error":"why","data":{"error_message":7}}""", "why")]
    [InlineData("""{"error":7}""", """{"error":7}""")]
    [InlineData("""{"error":"cut o""", """{"error":"cut o""")]
    [InlineData(" plain text\n", "plain text")]
    public void The_reason_is_the_text_itself_where_it_is_nothing_known(string body, string words) =>
        Assert.Equal($"InfluxDB 3.2.1 answered 400: {words}", Reason(FakeInflux.Three, () => FakeInflux.Says(HttpStatusCode.BadRequest, body)));

    [Fact]
    public void A_batch_that_is_too_large_is_split_until_it_fits()
    {
        FakeInflux influx = new(FakeInflux.One, r => r.Length > 300 ? Recorded.One.Answer("body over max-body-size=100000 (154890 bytes)") : Store(r.Lines))
        {
            Options = FakeInflux.OneOptions with { GzipFromBytes = int.MaxValue },
        };
        Point huge = FakeInflux.Point(5) with { Fields = [new Field("s", new string('x', 500))] };
        WriteResult result = influx.Write([.. Enumerable.Range(0, 50).Select(i => i == 5 ? huge : FakeInflux.Point(i))]);
        RejectedPoint rejected = Assert.Single(result.Rejected);
        Assert.Equal((5, "InfluxDB 1.6.7~rc0 answered 413: Request Entity Too Large"), (rejected.Index, rejected.Reason));
        Assert.Equal((49, 49), (result.Stored, stored.Count));
        Assert.Equal(TimeSpan.Zero, influx.Elapsed);
    }

    [Fact]
    public void A_line_that_alone_makes_the_server_fail_is_rejected_when_others_get_through()
    {
        FakeInflux influx = new(FakeInflux.One, r => r.Lines.Any(IsBad) ? Recorded.One.Answer("unknown rp") : Store(r.Lines));
        WriteResult result = influx.Write([.. Enumerable.Range(0, 64).Select(i => i == 40 ? Bad(i) : FakeInflux.Point(i))]);
        RejectedPoint rejected = Assert.Single(result.Rejected);
        Assert.Equal((40, $"InfluxDB 1.6.7~rc0 answered 500: {Poison}"), (rejected.Index, rejected.Reason));
        Assert.Equal((63, 63), (result.Stored, stored.Count));
        // Tried again as a whole and by itself, not in between.
        Assert.Equal([1, 6, 6], influx.Writes.GroupBy(w => w.Lines.Length).Where(g => g.Key is 64 or 1).SelectMany(g => g.GroupBy(w => w.Body)).Select(g => g.Count()).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5000)]
    public void A_server_that_fails_at_everything_is_broken_and_the_lines_are_not(int linesMax)
    {
        FakeInflux influx = new(FakeInflux.One, _ => Recorded.One.Answer("unknown rp")) { Options = FakeInflux.OneOptions with { LinesMax = linesMax } };
        SinkException e = Assert.Throws<SinkException>(() => influx.Write([.. Enumerable.Range(0, 400).Select(FakeInflux.Point)]));
        Assert.Equal(($"InfluxDB at http://influx:8086/ answers 500 to everything: {Poison}", false), (e.Message, e.Refused));
        Assert.InRange(influx.Writes.Count, 1, 140);
    }

    private static string Reason(string version, Func<HttpResponseMessage> answer)
    {
        WriteResult result = new FakeInflux(version, _ => answer()).Write(FakeInflux.Point(0));
        Assert.Equal(0, result.Stored);
        return Assert.Single(result.Rejected).Reason;
    }

    private static Point Bad(int i) => FakeInflux.Point(i) with { Measurement = "bad" };

    private static bool IsBad(string line) => line.StartsWith("bad", StringComparison.Ordinal);

    /// <summary>1.x and 3.x store what is good in a batch that they complain of, 2.x stores nothing.</summary>
    private FakeInflux Server(string version, int linesMax)
    {
        return new FakeInflux(version, Answer) { Options = (version == FakeInflux.One ? FakeInflux.OneOptions : FakeInflux.TwoOptions) with { LinesMax = linesMax } };

        HttpResponseMessage Answer(FakeRequest request)
        {
            bool wrong = request.Lines.Any(IsBad);
            if (!wrong || version != FakeInflux.Two) Store(request.Lines.Where(l => !IsBad(l)));
            return !wrong ? FakeInflux.Done()
                : version == FakeInflux.One ? Recorded.One.Answer(Malformed)
                : version == FakeInflux.Two ? Recorded.Two.Answer(Malformed)
                : FakeInflux.Says(HttpStatusCode.BadRequest, """{"error":"partial write of line protocol occurred","data":[]}""");
        }
    }

    private HttpResponseMessage Store(IEnumerable<string> lines)
    {
        stored.UnionWith(lines);
        return FakeInflux.Done();
    }
}
