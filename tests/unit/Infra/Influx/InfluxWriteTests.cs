using System.Net;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

public sealed class InfluxWriteTests
{
    private const string Line = "m,vm=a v=7i 1795411000000000007\n";

    [Fact]
    public void On_1_x_points_go_to_a_database_with_user_and_password()
    {
        FakeInflux influx = new(FakeInflux.One, _ => FakeInflux.Done());
        WriteResult result = influx.Write(FakeInflux.Point(7));
        Assert.Equal((1, 0, 0), (result.Stored, result.Rejected.Count, result.FieldsDropped));
        AssertWrite(Assert.Single(influx.Writes), "/write?db=vm&precision=ns", "Basic YWRtaW46cGFzcw==");
        Assert.Equal(["/ping", "/write?db=vm&precision=ns"], influx.Requests.Select(r => r.Path));
    }

    [Fact]
    public void On_2_x_points_go_to_a_bucket_of_an_organisation_with_a_token()
    {
        FakeInflux influx = new(FakeInflux.Two, _ => FakeInflux.Done());
        Assert.Equal(1, influx.Write(FakeInflux.Point(7)).Stored);
        AssertWrite(Assert.Single(influx.Writes), "/api/v2/write?org=acme&bucket=vm&precision=ns", "Token TOKEN");
    }

    [Fact]
    public void On_3_x_points_go_to_a_database_that_is_called_a_bucket_without_an_organisation()
    {
        FakeInflux influx = new(FakeInflux.Three, _ => FakeInflux.Done());
        Assert.Equal(1, influx.Write(FakeInflux.Point(7)).Stored);
        AssertWrite(Assert.Single(influx.Writes), "/api/v2/write?bucket=vm&precision=ns", "Token TOKEN");
    }

    [Fact]
    public void On_2_x_an_organisation_is_asked_for_before_anything_is_sent()
    {
        FakeInflux influx = new(FakeInflux.Two, _ => FakeInflux.Done()) { Options = FakeInflux.TwoOptions with { Organisation = null } };
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(7)));
        Assert.Equal(("InfluxDB 2.7.12 wants an organisation: give --org", true), (e.Message, e.Refused));
        Assert.Empty(influx.Writes);
    }

    [Fact]
    public void Names_are_escaped_in_the_address_and_a_path_of_the_url_is_kept()
    {
        InfluxOptions odd = FakeInflux.TwoOptions with { Url = new Uri("https://proxy/influx"), Bucket = "a b&c=d/é", Organisation = "x+y" };
        FakeInflux two = new(FakeInflux.Two, _ => FakeInflux.Done()) { Options = odd };
        two.Write(FakeInflux.Point(7));
        Assert.Equal(["/influx/ping", "/influx/api/v2/write?org=x%2By&bucket=a%20b%26c%3Dd%2F%C3%A9&precision=ns"], two.Requests.Select(r => r.Path));
        FakeInflux one = new(FakeInflux.One, _ => FakeInflux.Done()) { Options = FakeInflux.OneOptions with { Url = new Uri("https://proxy/influx/"), Database = "a b" } };
        one.Write(FakeInflux.Point(7));
        Assert.Equal("/influx/write?db=a%20b&precision=ns", Assert.Single(one.Writes).Path);
    }

    [Fact]
    public void Without_credentials_none_are_sent()
    {
        FakeInflux influx = new(FakeInflux.One, _ => FakeInflux.Done()) { Options = FakeInflux.OneOptions with { User = null, Password = null } };
        influx.Write(FakeInflux.Point(7));
        Assert.All(influx.Requests, r => Assert.Null(r.Authorization));
    }

    [Fact]
    public void Unsigned_integers_are_signed_on_1_x_and_dropped_where_that_cannot_be()
    {
        Point point = new("m", [], [new Field("u", 7UL), new Field("big", ulong.MaxValue)], 1);
        FakeInflux one = new(FakeInflux.One, _ => FakeInflux.Done()), two = new(FakeInflux.Two, _ => FakeInflux.Done());
        Assert.Equal(1, one.Write(point).FieldsDropped);
        Assert.Equal("m u=7i 1\n", Assert.Single(one.Writes).Body);
        Assert.Equal(0, two.Write(point).FieldsDropped);
        Assert.Equal("m u=7u,big=18446744073709551615u 1\n", Assert.Single(two.Writes).Body);
    }

    [Fact]
    public void Large_bodies_are_compressed_and_small_ones_are_not()
    {
        FakeInflux influx = new(FakeInflux.One, _ => FakeInflux.Done());
        Point[] points = [.. Enumerable.Range(0, 500).Select(FakeInflux.Point)];
        influx.Write(points);
        FakeRequest large = Assert.Single(influx.Writes);
        Assert.True(large.Gzip);
        Assert.InRange(large.Length, 1, large.Body.Length / 3);
        Assert.Equal(points.Select(p => p.TimeUnixNs), LineProtocolReader.Read(System.Text.Encoding.UTF8.GetBytes(large.Body)).Select(p => p.TimeUnixNs));
        influx.Write(points[..3]);
        Assert.False(influx.Writes[1].Gzip);
        FakeInflux near = new(FakeInflux.One, _ => FakeInflux.Done()) { Options = FakeInflux.OneOptions with { Url = new Uri("http://127.0.0.1:8086") } };
        near.Write(points);
        Assert.False(Assert.Single(near.Writes).Gzip);
    }

    [Fact]
    public void A_large_write_has_several_requests_under_way_and_each_series_keeps_its_order()
    {
        const int Series = 100;
        InfluxOptions options = FakeInflux.OneOptions with { LinesMax = 10, RequestsMax = 3, Retries = 0 };
        Point[] points = [.. Enumerable.Range(0, 4 * Series).Select(i => FakeInflux.Point(i) with { Tags = i / Series % 2 == 0 ? [new Tag("a", $"{i % Series}"), new Tag("b", "x")] : [new Tag("b", "x"), new Tag("c", ""), new Tag("a", $"{i % Series}")] })];
        FakeInflux away = new(FakeInflux.One, _ => null) { Options = options };
        Assert.Throws<SinkException>(() => away.Write(points));
        Assert.Equal(3, away.Writes.Count(w => w.Time == TimeSpan.Zero));
        FakeInflux influx = new(FakeInflux.One, _ => FakeInflux.Done()) { Options = options };
        Point bad = points[7] with { Measurement = "#" };
        WriteResult result = influx.Write([.. points, bad]);
        Assert.Equal((points.Length, points.Length), (result.Stored, Assert.Single(result.Rejected).Index));
        Assert.All(influx.Writes, w => Assert.InRange(w.Lines.Length, 1, 10));
        IEnumerable<IGrouping<string, string>> series = influx.Writes.SelectMany(w => w.Lines).GroupBy(l => l[..l.IndexOf(' ', StringComparison.Ordinal)]);
        Assert.Equal(Series, series.Count());
        Assert.All(series, s => Assert.Equal(s.OrderBy(l => l[l.LastIndexOf(' ')..], StringComparer.Ordinal), s));
    }

    [Fact]
    public void Requests_have_no_more_lines_and_bytes_than_allowed()
    {
        Point[] points = [.. Enumerable.Range(0, 25).Select(FakeInflux.Point)];
        FakeInflux lines = new(FakeInflux.One, _ => FakeInflux.Done()) { Options = FakeInflux.OneOptions with { LinesMax = 10 } };
        Assert.Equal(25, lines.Write(points).Stored);
        Assert.Equal([10, 10, 5], lines.Writes.Select(w => w.Lines.Length));
        FakeInflux bytes = new(FakeInflux.One, _ => FakeInflux.Done()) { Options = FakeInflux.OneOptions with { BytesMax = 300 } };
        Assert.Equal(25, bytes.Write(points).Stored);
        Assert.All(bytes.Writes.SkipLast(1), w => Assert.InRange(w.Body.Length, 300, 300 + Line.Length));
        Assert.Equal(points.Length, bytes.Writes.Sum(w => w.Lines.Length));
    }

    [Fact]
    public void Points_that_no_line_can_carry_are_rejected_and_the_others_are_stored()
    {
        FakeInflux influx = new(FakeInflux.Two, _ => FakeInflux.Done());
        Point bad = FakeInflux.Point(1) with { Measurement = "#" }, empty = FakeInflux.Point(2) with { Fields = [new Field("v", double.NaN)] };
        WriteResult result = influx.Write(FakeInflux.Point(0), bad, empty, FakeInflux.Point(3));
        Assert.Equal((2, 0), (result.Stored, result.FieldsDropped));
        Assert.Equal([(1, bad, "measurement '#' would be read as a comment"), (2, empty, "no field holds a number: all are NaN, infinite or too large")], result.Rejected.Select(r => (r.Index, r.Point, r.Reason)));
        Assert.Equal(2, Assert.Single(influx.Writes).Lines.Length);
        Assert.Equal(0, influx.Write(bad).Stored);
        Assert.Equal(0, influx.Write().Stored);
        Assert.Single(influx.Writes);
    }

    [Fact]
    public void The_version_is_asked_for_once()
    {
        FakeInflux influx = new(FakeInflux.Two, _ => FakeInflux.Done());
        influx.Run(async client =>
        {
            await client.WriteAsync([FakeInflux.Point(0)], CancellationToken.None);
            return await client.WriteAsync([FakeInflux.Point(1)], CancellationToken.None);
        });
        Assert.Equal(["/ping", influx.Writes[0].Path, influx.Writes[1].Path], influx.Requests.Select(r => r.Path));
    }

    [Fact]
    public void The_version_is_found_in_health_or_in_the_body_of_ping()
    {
        FakeInflux two = new(FakeInflux.Two, _ => Recorded.Two.Answer("health")) { Ping = () => FakeInflux.Says(HttpStatusCode.NotFound, "not here") };
        Assert.Equal(new InfluxVersion(2, "2.7.12"), two.Run(c => c.ServerAsync(CancellationToken.None)));
        Assert.Equal(["/ping", "/health"], two.Requests.Select(r => r.Path));
        FakeInflux three = new(FakeInflux.Three, _ => null) { Ping = () => FakeInflux.Says(HttpStatusCode.OK, """{"version":"3.2.1","revision":"ab12"}""") };
        Assert.Equal(new InfluxVersion(3, "3.2.1"), three.Run(c => c.ServerAsync(CancellationToken.None)));
        FakeInflux one = new(FakeInflux.One, _ => null) { Ping = () => Recorded.One.Answer("ping") };
        Assert.Equal(new InfluxVersion(1, "1.6.7~rc0"), one.Run(c => c.ServerAsync(CancellationToken.None)));
    }

    [Fact]
    public void What_is_no_influxdb_is_said_with_the_address()
    {
        FakeInflux web = new(FakeInflux.Two, _ => FakeInflux.Says(HttpStatusCode.NotFound)) { Ping = () => FakeInflux.Says(HttpStatusCode.OK, "<html>{}") };
        SinkException e = Assert.Throws<SinkException>(() => web.Write(FakeInflux.Point(0)));
        Assert.Equal("http://influx:8086/ does not say which InfluxDB it is: /ping answered 200. Check the URL, and that what stands between passes /ping", e.Message);
        Assert.True(e.Refused);
    }

    private static void AssertWrite(FakeRequest write, string path, string authorization)
    {
        Assert.Equal(("POST", path, authorization), (write.Method, write.Path, write.Authorization));
        Assert.Equal(("text/plain; charset=utf-8", false, Line), (write.ContentType, write.Gzip, write.Body));
    }
}
