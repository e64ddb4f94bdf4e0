using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Unit.Infra.Streaming;

public sealed class LimitWatchTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly StreamStatus status = new("watched");
    private readonly Lines lines = new();
    private readonly LimitWatch watch;

    public LimitWatchTests() => watch = new LimitWatch(status, lines, time);

    public void Dispose() => status.Dispose();

    [Fact]
    public void Every_time_is_counted_and_one_a_minute_logged()
    {
        for (int second = 0; second < 90; second++)
        {
            watch.Reached(StreamLimit.TransactionBytes, () => "much");
            time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(90, status.LimitsReached(StreamLimit.TransactionBytes));
        Assert.Equal(["watched reached its limit transaction-bytes (1 times so far): much", "watched reached its limit transaction-bytes (61 times so far): much"], lines.All);
    }

    [Fact]
    public void Each_limit_is_logged_for_itself()
    {
        watch.Reached(StreamLimit.RecordBytes, () => "a");
        watch.Reached(StreamLimit.ProducerQueue, () => "b");
        Assert.Equal(2, lines.All.Count);
    }

    [Fact]
    public void Every_limit_has_a_name_of_its_own() =>
        Assert.Equal(StreamLimitNames.All.Count, StreamLimitNames.All.Select(StreamLimitNames.NameOf).Distinct().Count());

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
