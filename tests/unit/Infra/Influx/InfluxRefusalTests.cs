using System.Net;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>Answers that blame the request: nothing is tried again, and somebody has to mend it.</summary>
public sealed class InfluxRefusalTests
{
    [Theory]
    [InlineData("wrong password", 401, "authorization failed", "Check the token, or user and password")]
    [InlineData("no write permission (read-only user)", 403, "\"ro\" user is not authorized to write to database \"vm\"", "The token or user has no permission to write there, or is inactive")]
    [InlineData("unknown database", 404, "database not found: \"nope\"", "The database, bucket or organisation does not exist, or the token must not see it")]
    [InlineData("missing db", 400, "database is required", "Check the URL and what stands between")]
    [InlineData("write truncated gzip", 400, "unexpected EOF", "Check the URL and what stands between")]
    public void Of_1_x_says_what_and_where_and_how_to_mend_it(string recorded, int status, string words, string hint) =>
        AssertRefused(FakeInflux.One, Recorded.One, recorded, $"InfluxDB 1.6.7~rc0 at http://influx:8086/ refuses writes to 'vm' ({status}): {words}. {hint}");

    [Theory]
    [InlineData("wrong token", 401, "unauthorized access", "Check the token, or user and password")]
    [InlineData("no write permission (read-only token)", 403, "insufficient permissions for write", "The token or user has no permission to write there, or is inactive")]
    [InlineData("write with inactive token", 403, "insufficient permissions for write: token is inactive", "The token or user has no permission to write there, or is inactive")]
    [InlineData("unknown bucket", 404, "bucket \"nope\" not found", "The database, bucket or organisation does not exist, or the token must not see it")]
    [InlineData("unknown org", 404, "organization name \"nope\" not found", "The database, bucket or organisation does not exist, or the token must not see it")]
    [InlineData("missing org parameter", 400, "Please provide either orgID or org", "Check the URL and what stands between")]
    [InlineData("bad precision", 400, "invalid precision; valid precision units are ns, us, ms, and s", "Check the URL and what stands between")]
    public void Of_2_x_says_what_and_where_and_how_to_mend_it(string recorded, int status, string words, string hint) =>
        AssertRefused(FakeInflux.Two, Recorded.Two, recorded, $"InfluxDB 2.7.12 at http://influx:8086/ refuses writes to 'vm' ({status}): {words}. {hint}");

    [Theory]
    [InlineData(400, """{"error":"db name did not start with a number or letter","data":null}""", "db name did not start with a number or letter")]
    [InlineData(400, """{"error":"invalid character in database or rp name: must be ASCII, containing only letters, numbers, underscores, or hyphens"}""", "invalid character in database or rp name: must be ASCII, containing only letters, numbers, underscores, or hyphens")]
    [InlineData(422, """{"error":"Adding a new database would exceed limit of 5 databases","data":null}""", "Adding a new database would exceed limit of 5 databases")]
    [InlineData(422, """{"error":"partial write of line protocol occurred","data":[{"original_line":"m v=1","line_number":1,"error_message":"Adding a new database would exceed limit of 5 databases"}]}""", "partial write of line protocol occurred: Adding a new database would exceed limit of 5 databases")]
    public void Of_3_x_the_databases_name_and_their_number_are_no_fault_of_the_lines(int status, string body, string words)
    {
        FakeInflux influx = new(FakeInflux.Three, _ => FakeInflux.Says((HttpStatusCode)status, body));
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0), FakeInflux.Point(1)));
        Assert.Equal(($"InfluxDB 3.2.1 at http://influx:8086/ refuses writes to 'vm' ({status}): {words}. Check the name of the database, and how many the server may have", true), (e.Message, e.Refused));
        Assert.Single(influx.Writes);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(405)]
    [InlineData(501)]
    public void Of_somebody_else_is_no_fault_of_the_lines(int status)
    {
        FakeInflux influx = new(FakeInflux.Two, _ => FakeInflux.Says((HttpStatusCode)status, "<html>no</html>"));
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0), FakeInflux.Point(1)));
        Assert.Equal($"InfluxDB 2.7.12 at http://influx:8086/ refuses writes to 'vm' ({status}): <html>no</html>. Check the URL and what stands between", e.Message);
        Assert.Single(influx.Writes);
    }

    [Fact]
    public void Shows_no_more_of_a_long_answer_than_a_log_can_take()
    {
        FakeInflux influx = new(FakeInflux.Two, _ => FakeInflux.Says(HttpStatusCode.Forbidden, new string('x', 1_000_000)));
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0)));
        Assert.InRange(e.Message.Length, 1000, 1300);
        Assert.Contains("x…. The token or user", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void After_it_the_whole_batch_may_be_written_again()
    {
        bool mended = false;
        FakeInflux influx = new(FakeInflux.Two, _ => mended ? FakeInflux.Done() : Recorded.Two.Answer("wrong token"));
        int stored = influx.Run(async client =>
        {
            await Assert.ThrowsAsync<SinkException>(() => client.WriteAsync([FakeInflux.Point(0), FakeInflux.Point(1)], CancellationToken.None));
            mended = true;
            return (await client.WriteAsync([FakeInflux.Point(0), FakeInflux.Point(1)], CancellationToken.None)).Stored;
        });
        Assert.Equal(2, stored);
        Assert.Equal(influx.Writes[0].Body, influx.Writes[1].Body);
    }

    private static void AssertRefused(string version, Recorded server, string recorded, string message)
    {
        FakeInflux influx = new(version, _ => server.Answer(recorded));
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0), FakeInflux.Point(1)));
        Assert.Equal((message, true), (e.Message, e.Refused));
        Assert.Single(influx.Writes);
        Assert.Equal(TimeSpan.Zero, influx.Elapsed);
    }
}
