using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

public sealed class InfluxClientTests
{
    private static readonly InfluxOptions Two = new() { Url = new Uri("http://influx:8086"), Organisation = "org", Bucket = "bucket", Token = "secret" };

    private readonly FakeTimeProvider time = new();

    [Theory]
    [InlineData("1.6.7~rc0", "write?db=bucket&precision=ns")]
    [InlineData("v2.7.12", "api/v2/write?org=org&bucket=bucket&precision=ns")]
    [InlineData("3.1.0", "api/v2/write?org=org&bucket=bucket&precision=ns")]
    public async Task Each_version_is_written_to_in_its_own_way(string version, string path)
    {
        (WriteResult result, FakeServer server) = await WriteAsync(version, Two, 3, _ => FakeServer.Of(HttpStatusCode.NoContent));
        FakeServer.Request request = Assert.Single(server.Requests);
        Assert.Equal((path, "Token secret", "m n=0i 0\nm n=1i 1\nm n=2i 2\n"), (request.Path, request.Authorization, request.Body));
        Assert.Equal(3, result.Stored);
    }

    [Fact]
    public async Task A_user_of_1x_is_told_by_basic_authentication_and_large_bodies_are_compressed()
    {
        InfluxOptions options = new() { Url = new Uri("http://influx:8086"), Database = "db", User = "u", Password = "p" };
        (WriteResult result, FakeServer server) = await WriteAsync("1.8.10", options, 1000, _ => FakeServer.Of(HttpStatusCode.NoContent));
        FakeServer.Request request = Assert.Single(server.Requests);
        Assert.Equal(("write?db=db&precision=ns", "Basic dTpw", 1000), (request.Path, request.Authorization, request.Lines));
        Assert.Equal(1000, result.Stored);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task A_bad_line_is_found_among_others_and_they_are_stored(HttpStatusCode status)
    {
        HashSet<string> stored = [];
        (WriteResult result, _) = await WriteAsync("v2.7.12", Two, 100, request =>
        {
            if (request.Body.Contains("n=37i", StringComparison.Ordinal)) return FakeServer.Of(status, """{"code":"invalid","message":"field type conflict"}""");
            stored.UnionWith(request.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            return FakeServer.Of(HttpStatusCode.NoContent);
        });
        Assert.Equal((99, 99), (result.Stored, stored.Count));
        RejectedPoint bad = Assert.Single(result.Rejected);
        Assert.Equal(37, bad.Index);
        Assert.Contains("field type conflict", bad.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_halved()
    {
        (WriteResult result, FakeServer server) = await WriteAsync("v2.7.12", Two, 100, request => FakeServer.Of(request.Lines > 30 ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.NoContent));
        Assert.Equal((100, 0), (result.Stored, result.Rejected.Count));
        Assert.Equal([100, 50, 25, 25, 50, 25, 25], server.Requests.Select(r => r.Lines));
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task A_server_that_asks_for_patience_gets_it(HttpStatusCode status)
    {
        List<DateTimeOffset> tries = [];
        (WriteResult result, _) = await WriteAsync("v2.7.12", Two, 3, _ =>
        {
            tries.Add(time.GetUtcNow());
            return tries.Count < 3 ? FakeServer.Of(status, "", TimeSpan.FromSeconds(20)) : FakeServer.Of(HttpStatusCode.NoContent);
        });
        Assert.Equal((3, 3), (result.Stored, tries.Count));
        // Its own pauses would be of half a second and one.
        Assert.All(tries.Zip(tries.Skip(1)), t => Assert.True(t.Second - t.First >= TimeSpan.FromSeconds(20)));
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, false, "overloaded")]
    [InlineData(HttpStatusCode.InternalServerError, false, "answers 500 to everything")]
    [InlineData(HttpStatusCode.Unauthorized, true, "Check the token")]
    [InlineData(HttpStatusCode.Forbidden, true, "no permission")]
    [InlineData(HttpStatusCode.NotFound, true, "does not exist")]
    public async Task What_is_not_the_lines_fault_keeps_them_and_says_what_to_mend(HttpStatusCode status, bool refused, string words)
    {
        SinkException e = await Assert.ThrowsAsync<SinkException>(() => WriteAsync("v2.7.12", Two, 3, _ => FakeServer.Of(status, """{"message":"the server's words"}""")));
        Assert.Equal(refused, e.Refused);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.Contains("the server's words", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_asked_again_and_then_given_up()
    {
        int tries = 0;
        SinkException e = await Assert.ThrowsAsync<SinkException>(() => WriteAsync("v2.7.12", Two, 3, _ =>
        {
            tries++;
            throw new HttpRequestException("connection refused");
        }));
        Assert.Equal((6, false), (tries, e.Refused));
        Assert.Contains("http://influx:8086", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_come_with_their_series_and_errors_of_a_statement_are_typed()
    {
        const string Chunks = """
            {"results":[{"statement_id":0,"series":[{"name":"m","tags":{"vm":"a"},"columns":["time","v"],"values":[[1,0.5],[2,null]],"partial":true}],"partial":true}]}
            {"results":[{"statement_id":0,"series":[{"name":"m","tags":{"vm":"b"},"columns":["time","v"],"values":[[3,7]]}]}]}
            {"results":[{"statement_id":1,"error":"field not found"}]}
            """;
        using FakeServer server = new("v2.7.12", _ => FakeServer.Of(HttpStatusCode.OK, Chunks));
        using InfluxClient client = new(Two, NullLoggerFactory.Instance, time, server);
        List<(string, long, double?)> rows = [];
        InfluxQueryException e = await Assert.ThrowsAsync<InfluxQueryException>(async () =>
        {
            await foreach (InfluxRow row in client.QueryAsync("SELECT v FROM m GROUP BY vm; SELECT")) rows.Add((row.Tag("vm"), row.TimeUnixNs, row.Float("v")));
        });
        Assert.Equal([("a", 1L, .5), ("a", 2L, null), ("b", 3L, 7.0)], rows);
        Assert.Contains("field not found", e.Message, StringComparison.Ordinal);
        Assert.Equal("db=bucket&q=SELECT+v+FROM+m+GROUP+BY+vm%3B+SELECT&epoch=ns&chunked=true", Assert.Single(server.Requests).Body);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        foreach (InfluxOptions wrong in new[] { Two with { Bucket = null }, Two with { User = "u", Password = "p" }, Two with { Database = "other" }, Two with { Url = new Uri("ftp://influx") }, Two with { Url = new Uri("http://u:p@influx") } })
            Assert.Throws<UserException>(() => new InfluxClient(wrong, NullLoggerFactory.Instance, time));
    }

    /// <summary>Writes points m n=i at i ns; time passes by itself for as long as it takes.</summary>
    private async Task<(WriteResult Result, FakeServer Server)> WriteAsync(string version, InfluxOptions options, int points, Func<FakeServer.Request, HttpResponseMessage> answer)
    {
        using FakeServer server = new(version, answer);
        using InfluxClient client = new(options, NullLoggerFactory.Instance, time, server);
        Task<WriteResult> writing = client.WriteAsync([.. Enumerable.Range(0, points).Select(i => new Point("m", [], [new Field("n", (long)i)], i))], CancellationToken.None);
        while (!writing.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        return (await writing, server);
    }
}
