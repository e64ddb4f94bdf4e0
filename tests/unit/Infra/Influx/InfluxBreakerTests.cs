using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

public sealed class InfluxBreakerTests
{
    private static readonly InfluxOptions Quick = FakeInflux.OneOptions with { Retries = 0, BreakAfter = 3, BreakDuration = TimeSpan.FromSeconds(15) };

    [Fact]
    public async Task A_server_that_does_not_answer_is_left_alone_and_then_asked_once()
    {
        bool away = true;
        FakeInflux influx = new(FakeInflux.One, _ => away ? FakeInflux.Says(HttpStatusCode.ServiceUnavailable, "down") : FakeInflux.Done()) { Options = Quick };
        using InfluxClient client = new(influx.Options, NullLoggerFactory.Instance, influx.Time, influx);
        List<string> said = [];
        for (int i = 0; i < 5; i++) said.Add(await RefusedAsync());
        influx.Time.Advance(TimeSpan.FromSeconds(15));
        said.Add(await RefusedAsync());
        said.Add(await RefusedAsync());
        away = false;
        influx.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(1, (await client.WriteAsync([FakeInflux.Point(0)], CancellationToken.None)).Stored);
        Assert.Equal(1, (await client.WriteAsync([FakeInflux.Point(0)], CancellationToken.None)).Stored);
        Assert.All(said.Take(3), w => Assert.Contains("is overloaded (503): down", w, StringComparison.Ordinal));
        Assert.All(said.Skip(3).Take(2), w => Assert.Contains("is left alone for up to 00:00:15", w, StringComparison.Ordinal));
        Assert.Contains("is overloaded", said[5], StringComparison.Ordinal);
        Assert.Contains("is left alone", said[6], StringComparison.Ordinal);
        // Three that failed, one that looked in vain, one that found it back, one behind it.
        Assert.Equal(6, influx.Writes.Count);

        async Task<string> RefusedAsync() => (await Assert.ThrowsAsync<SinkException>(() => client.WriteAsync([FakeInflux.Point(0)], CancellationToken.None))).Message;
    }

    [Fact]
    public void Refusals_and_bad_lines_break_nothing()
    {
        FakeInflux influx = new(FakeInflux.Two, _ => Recorded.Two.Answer("wrong token")) { Options = FakeInflux.TwoOptions with { Retries = 0 } };
        influx.Run(async client =>
        {
            for (int i = 0; i < 10; i++) Assert.True((await Assert.ThrowsAsync<SinkException>(() => client.WriteAsync([FakeInflux.Point(0)], CancellationToken.None))).Refused);
            return true;
        });
        Assert.Equal(10, influx.Writes.Count);
    }

    [Fact]
    public void An_answer_in_between_begins_the_count_anew_whatever_came_before()
    {
        CircuitBreaker breaker = new(3, TimeSpan.FromSeconds(15), new FakeTimeProvider());
        for (int i = 0; i < 5; i++)
        {
            Assert.False(breaker.Failed());
            Assert.False(breaker.Failed());
            Assert.False(breaker.Answered());
        }
        Assert.False(breaker.Failed());
        Assert.False(breaker.Failed());
        Assert.True(breaker.Failed());
        Assert.False(breaker.TryEnter());
    }

    [Fact]
    public void One_request_at_a_time_looks_whether_the_server_is_back_and_one_that_is_given_up_leaves_that_to_the_next()
    {
        FakeTimeProvider time = new();
        CircuitBreaker breaker = new(1, TimeSpan.FromSeconds(15), time);
        Assert.True(breaker.Failed());
        time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(breaker.TryEnter());
        time.Advance(TimeSpan.FromSeconds(.1));
        Assert.True(breaker.TryEnter());
        Assert.False(breaker.TryEnter());
        breaker.GivenUp();
        Assert.True(breaker.TryEnter());
        Assert.True(breaker.Failed());
        Assert.False(breaker.TryEnter());
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.True(breaker.TryEnter());
        Assert.True(breaker.Answered());
        Assert.True(breaker.TryEnter());
        Assert.True(breaker.TryEnter());
    }
}
