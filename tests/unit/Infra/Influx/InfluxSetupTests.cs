using System.Net;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

public sealed class InfluxSetupTests
{
    private const string Bucket = "/api/v2/buckets?org=acme&name=vm", Organisation = "/api/v2/orgs?org=acme", Make = "/api/v2/buckets";

    [Fact]
    public void On_1_x_the_database_is_made_under_its_own_name()
    {
        FakeInflux influx = new(FakeInflux.One, _ => Recorded.One.Answer("create database")) { Options = FakeInflux.OneOptions with { Database = "a\"b\\c" } };
        Ensure(influx);
        Assert.Contains("&q=CREATE+DATABASE+%22a%5C%22b%5C%5Cc%22&", Assert.Single(influx.Requests, r => r.Path == "/query").Body, StringComparison.Ordinal);
    }

    [Fact]
    public void On_1_x_a_user_that_may_not_make_databases_goes_on() => Ensure(new FakeInflux(FakeInflux.One, _ => Recorded.One.Answer("read-only user creates database")));

    [Theory]
    [InlineData("create database, bad name", "invalid name")]
    [InlineData("influxql error: wrong password", "InfluxDB at http://influx:8086/ answered 401 to a query: authorization failed")]
    public void On_1_x_any_other_refusal_is_said(string recorded, string why)
    {
        SinkException e = Assert.Throws<SinkException>(() => Ensure(new FakeInflux(FakeInflux.One, _ => Recorded.One.Answer(recorded))));
        Assert.Equal(($"InfluxDB database 'vm' cannot be created: {why}", true), (e.Message, e.Refused));
    }

    [Fact]
    public void On_1_x_an_overloaded_server_is_not_refusing()
    {
        FakeInflux influx = new(FakeInflux.One, _ => Recorded.One.Answer("write over max-concurrent/enqueued limits"));
        SinkException e = Assert.Throws<SinkException>(() => Ensure(influx));
        Assert.False(e.Refused);
        Assert.Contains("answered 503 to a query: request throttled", e.Message, StringComparison.Ordinal);
        Assert.Equal(6, influx.Requests.Count(r => r.Path == "/query"));
    }

    [Fact]
    public void On_2_x_a_bucket_that_is_there_is_left_alone()
    {
        FakeInflux influx = Two(("list by name", Bucket));
        Ensure(influx);
        Assert.Equal(["/ping", Bucket], influx.Requests.Select(r => r.Path));
        Assert.All(influx.Requests.Skip(1), r => Assert.Equal(("GET", "Token TOKEN"), (r.Method, r.Authorization)));
    }

    [Theory]
    [InlineData("list by unknown name", "create bucket again (name taken)")]
    [InlineData("write-only token lists buckets", "write-only token creates bucket")]
    public void On_2_x_a_missing_bucket_is_made_in_its_organisation(string list, string made)
    {
        FakeInflux influx = Two((list, Bucket), ("orgs by name", Organisation), (made, Make));
        Ensure(influx);
        FakeRequest make = influx.Requests[^1];
        Assert.Equal(("POST", Make, """{"orgID":"4fef648ba294d40d","name":"vm"}"""), (make.Method, make.Path, make.Body));
    }

    [Fact]
    public void On_2_x_a_token_that_sees_no_organisation_leaves_it_to_the_write()
    {
        FakeInflux influx = Two(("list by unknown name", Bucket), ("orgs by unknown name", Organisation));
        Ensure(influx);
        Assert.Equal(["/ping", Bucket, Organisation], influx.Requests.Select(r => r.Path));
    }

    [Fact]
    public void On_2_x_a_wrong_token_is_said()
    {
        SinkException e = Assert.Throws<SinkException>(() => Ensure(Two(("wrong token", Bucket))));
        Assert.Equal(("InfluxDB at http://influx:8086/ does not let us in (401): unauthorized access. Check the token", true), (e.Message, e.Refused));
    }

    [Fact]
    public void On_2_x_an_answer_of_somebody_else_is_said()
    {
        SinkException e = Assert.Throws<SinkException>(() => Ensure(new FakeInflux(FakeInflux.Two, _ => FakeInflux.Says(HttpStatusCode.OK, "<html>"))));
        Assert.StartsWith($"http://influx:8086/ answered {Bucket} with something that is not InfluxDB's: ", e.Message, StringComparison.Ordinal);
        Assert.True(e.Refused);
    }

    [Fact]
    public void On_2_x_an_organisation_is_asked_for() =>
        Assert.Equal("InfluxDB 2.x wants an organisation: give --org", Assert.Throws<SinkException>(() => Ensure(new FakeInflux(FakeInflux.Two, _ => null) { Options = FakeInflux.TwoOptions with { Organisation = null } })).Message);

    [Fact]
    public void On_3_x_the_first_write_makes_the_database()
    {
        FakeInflux influx = new(FakeInflux.Three, _ => null);
        Ensure(influx);
        Assert.Equal("/ping", Assert.Single(influx.Requests).Path);
    }

    [Theory]
    [InlineData("1.6.7~rc0", 1, "1.6.7~rc0")]
    [InlineData(" v2.7.12", 2, "2.7.12")]
    [InlineData("10", 10, "10")]
    [InlineData("unknown", 0, null)]
    [InlineData("", 0, null)]
    [InlineData(null, 0, null)]
    [InlineData("99999999999.1", 0, null)]
    public void Versions_begin_with_a_number(string? said, int major, string? text) => Assert.Equal(text is null ? null : new InfluxVersion(major, text), InfluxVersion.Parse(said));

    [Fact]
    public void Wrong_options_are_said_before_anything_is_sent()
    {
        AssertWrong("InfluxDB URL 'ftp://influx/' is not http://host:port or https://host:port", FakeInflux.OneOptions with { Url = new Uri("ftp://influx") });
        AssertWrong("the InfluxDB URL holds credentials: give --user and --password, or --token, instead", FakeInflux.OneOptions with { Url = new Uri("http://a:b@influx") });
        AssertWrong("where to in InfluxDB? Give --bucket (2.x) or --database (1.x, 3.x)", FakeInflux.OneOptions with { Database = null });
        AssertWrong("--bucket 'a' and --database 'vm' name two places: give one", FakeInflux.OneOptions with { Bucket = "a" });
        AssertWrong("give either --token (2.x, 3.x) or --user and --password (1.x), not both", FakeInflux.OneOptions with { Token = "t" });
        AssertWrong("--user and --password go together", FakeInflux.OneOptions with { Password = null });
        Assert.Equal("http://influx:8086/ (vm)", FakeInflux.OneOptions.ToString());
    }

    private static void AssertWrong(string message, InfluxOptions options)
    {
        FakeInflux influx = new(FakeInflux.One, _ => null) { Options = options };
        Assert.Equal(message, Assert.Throws<UserException>(() => influx.Write(FakeInflux.Point(0))).Message);
        Assert.Empty(influx.Requests);
    }

    private static FakeInflux Two(params (string Recorded, string Path)[] answers) =>
        new(FakeInflux.Two, r => Recorded.Two.Answer(Assert.Single(answers, a => a.Path == r.Path).Recorded));

    private static void Ensure(FakeInflux influx) => influx.Run(async client =>
    {
        await client.EnsureTargetAsync(CancellationToken.None);
        return true;
    });
}
