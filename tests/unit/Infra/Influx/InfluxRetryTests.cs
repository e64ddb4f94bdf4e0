using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>Answers, and silence, that pass by themselves. Minutes go by here on the test's clock only.</summary>
public sealed class InfluxRetryTests
{
    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("3600", 30)]
    [InlineData("Mon, 23 Nov 2026 05:16:52 GMT", 12)]
    [InlineData("Mon, 23 Nov 2026 05:00:00 GMT", 0)]
    public void Retry_After_is_obeyed_up_to_the_longest_pause(string header, int seconds)
    {
        int tries = 0;
        FakeInflux influx = new(FakeInflux.Two, _ => tries++ == 0 ? FakeInflux.Busy(header) : FakeInflux.Done());
        Assert.Equal(1, influx.Write(FakeInflux.Point(0)).Stored);
        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(seconds)], influx.Writes.Select(w => w.Time));
        Assert.Equal(influx.Writes[0] with { Time = influx.Writes[1].Time }, influx.Writes[1]);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(507)]
    public void What_may_pass_is_tried_again(int status)
    {
        int tries = 0;
        FakeInflux influx = new(FakeInflux.One, _ => tries++ < 5 ? FakeInflux.Says((HttpStatusCode)status) : FakeInflux.Done());
        Assert.Equal(2, influx.Write(FakeInflux.Point(0), FakeInflux.Point(1)).Stored);
        Assert.Equal(6, influx.Writes.Count);
    }

    [Fact]
    public void An_overloaded_server_gets_the_batch_six_times_and_then_the_caller_has_it_back()
    {
        FakeInflux influx = new(FakeInflux.One, _ => Recorded.One.Answer("write over max-concurrent/enqueued limits"));
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0)));
        Assert.Equal(("InfluxDB at http://influx:8086/ is overloaded (503): request throttled, exceeds timeout", false), (e.Message, e.Refused));
        Assert.Equal(6, influx.Writes.Count);
        Assert.Single(influx.Writes.DistinctBy(w => w.Body));
        // 0.5, 1, 2, 4 and 8 s, with jitter.
        Assert.InRange(influx.Elapsed, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void Pauses_are_no_longer_than_allowed_and_the_seeds()
    {
        List<TimeSpan> first = Pauses(1);
        Assert.Equal(20, first.Count);
        Assert.All(first, p => Assert.InRange(p, TimeSpan.Zero, TimeSpan.FromSeconds(2) + FakeInflux.Tick));
        Assert.Equal(first, Pauses(1));
        Assert.NotEqual(first, Pauses(2));
    }

    [Fact]
    public void A_connection_that_is_refused_is_tried_again_and_then_said()
    {
        int left = 5;
        FakeInflux back = new(FakeInflux.Two, _ => left-- > 0 ? throw Unreachable() : FakeInflux.Done());
        Assert.Equal(1, back.Write(FakeInflux.Point(0)).Stored);
        FakeInflux away = new(FakeInflux.Two, _ => throw Unreachable());
        SinkException e = Assert.Throws<SinkException>(() => away.Write(FakeInflux.Point(0)));
        Assert.Equal(("InfluxDB at http://influx:8086/ does not answer: Connection refused (influx:8086). Check that it runs, and the URL", false), (e.Message, e.Refused));
        Assert.Equal(6, away.Writes.Count);
        FakeInflux never = new(FakeInflux.Two, _ => null) { Ping = () => throw Unreachable() };
        Assert.False(Assert.Throws<SinkException>(() => never.Write(FakeInflux.Point(0))).Refused);
        Assert.Equal(6, never.Requests.Count);
    }

    [Fact]
    public void Silence_is_waited_for_as_long_as_a_request_may_take()
    {
        FakeInflux influx = new(FakeInflux.Two, _ => null) { Options = FakeInflux.TwoOptions with { Retries = 2, RetryPause = TimeSpan.FromSeconds(1) } };
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0)));
        Assert.StartsWith("InfluxDB at http://influx:8086/ does not answer: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:30", e.Message, StringComparison.Ordinal);
        Assert.False(e.Refused);
        Assert.Equal(3, influx.Writes.Count);
        Assert.InRange(influx.Writes[1].Time, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(35));
        Assert.InRange(influx.Elapsed, TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(110));
    }

    [Theory]
    [InlineData(BodyEnd.Stalls, 30)]
    [InlineData(BodyEnd.BreaksOff, 0)]
    public void An_answer_whose_words_never_come_still_has_its_status(BodyEnd end, int seconds)
    {
        FakeInflux influx = new(FakeInflux.Two, _ => new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StreamContent(new FakeBody(Encoding.UTF8.GetBytes("{\"mess"), end)) });
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0)));
        Assert.Contains("(403)", e.Message, StringComparison.Ordinal);
        Assert.True(e.Refused);
        Assert.Equal(TimeSpan.FromSeconds(seconds), influx.Elapsed);
    }

    [Fact]
    public void Without_retries_there_is_one_try()
    {
        InfluxOptions once = FakeInflux.OneOptions with { Retries = 0 };
        FakeInflux busy = new(FakeInflux.One, _ => FakeInflux.Busy("5")) { Options = once };
        Assert.Equal("InfluxDB at http://influx:8086/ is overloaded (429): slow down", Assert.Throws<SinkException>(() => busy.Write(FakeInflux.Point(0))).Message);
        Assert.Single(busy.Writes);
        FakeInflux away = new(FakeInflux.One, _ => throw Unreachable()) { Options = once };
        Assert.Throws<SinkException>(() => away.Write(FakeInflux.Point(0)));
        Assert.Single(away.Writes);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (busy.Elapsed, away.Elapsed));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_caller_can_give_up_during_a_pause_and_during_a_request(bool answers)
    {
        FakeInflux influx = new(FakeInflux.One, _ => answers ? FakeInflux.Busy("20") : null);
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(3), influx.Time);
        Assert.ThrowsAny<OperationCanceledException>(() => influx.Run(c => c.WriteAsync([FakeInflux.Point(0)], stop.Token), stop.Token));
        Assert.Single(influx.Writes);
        Assert.Equal(TimeSpan.FromSeconds(3), influx.Elapsed);
    }

    [Fact]
    public void A_batch_that_is_given_back_half_stored_can_be_written_again()
    {
        HashSet<string> stored = [];
        bool full = true;
        FakeInflux influx = new(FakeInflux.One, r =>
        {
            if (full && stored.Count >= 20) return FakeInflux.Busy("1");
            stored.UnionWith(r.Lines);
            return FakeInflux.Done();
        })
        {
            Options = FakeInflux.OneOptions with { LinesMax = 10 },
        };
        Point[] points = [.. Enumerable.Range(0, 50).Select(FakeInflux.Point)];
        WriteResult result = influx.Run(async client =>
        {
            await Assert.ThrowsAsync<SinkException>(() => client.WriteAsync(points, CancellationToken.None));
            full = false;
            return await client.WriteAsync(points, CancellationToken.None);
        });
        Assert.Equal((50, 50), (result.Stored, stored.Count));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public void A_server_that_does_not_say_its_version_because_it_is_not_ready_is_not_refusing(int status)
    {
        FakeInflux influx = new(FakeInflux.Two, _ => FakeInflux.Done()) { Ping = () => FakeInflux.Says((HttpStatusCode)status, "no healthy upstream") };
        SinkException e = Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0)));
        Assert.Equal(($"InfluxDB at http://influx:8086/ is not ready ({status.ToString(CultureInfo.InvariantCulture)}): no healthy upstream", false), (e.Message, e.Refused));
        Assert.Equal(6, influx.Requests.Count);
    }

    private static List<TimeSpan> Pauses(int seed)
    {
        FakeInflux influx = new(FakeInflux.One, _ => FakeInflux.Says(HttpStatusCode.ServiceUnavailable))
        {
            Options = FakeInflux.OneOptions with { Retries = 20, RetryPauseMax = TimeSpan.FromSeconds(2), Seed = seed },
        };
        Assert.Throws<SinkException>(() => influx.Write(FakeInflux.Point(0)));
        return [.. influx.Writes.Zip(influx.Writes.Skip(1), (a, b) => b.Time - a.Time)];
    }

    private static HttpRequestException Unreachable() =>
        new(HttpRequestError.ConnectionError, "Connection refused (influx:8086)", new SocketException((int)SocketError.ConnectionRefused));
}
