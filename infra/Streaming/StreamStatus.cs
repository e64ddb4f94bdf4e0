using System.Diagnostics.Metrics;

namespace Pipeline.Infra.Streaming;

/// <summary>What a running service has done so far. Written by the loop's thread, read by any; also published as metrics of the meter "Pipeline.Streaming".</summary>
public sealed class StreamStatus : IDisposable
{
    private readonly Meter meter = new("Pipeline.Streaming");
    private long input, output, deadLetters, unreadableGlobals, transactions, lag, partitions;
    private readonly long[] limits = new long[StreamLimitNames.All.Count];
    private readonly long[] restarts = new long[RestartReasons.All.Count];

    public StreamStatus(string service)
    {
        Service = service;
        KeyValuePair<string, object?>[] tags = [new("service", service)];
        Observe("stream.records.in", () => Input, "records processed");
        Observe("stream.records.out", () => Output, "records written");
        Observe("stream.dead_letters", () => DeadLetters, "records put aside");
        Observe("stream.globals.unreadable", () => UnreadableGlobals, "records of global topics passed over");
        Observe("stream.transactions", () => Transactions, "transactions committed");
        KeyValuePair<string, object?>[][] reasons = [.. RestartReasons.All.Select(r => (KeyValuePair<string, object?>[])[.. tags, new("reason", RestartReasons.NameOf(r))])];
        meter.CreateObservableCounter("stream.restarts", () => RestartReasons.All.Select(r => new Measurement<long>(RestartsBy(r), reasons[(int)r])), "{count}", "times that state was thrown away and rebuilt");
        KeyValuePair<string, object?>[][] reached = [.. StreamLimitNames.All.Select(l => (KeyValuePair<string, object?>[])[.. tags, new("limit", StreamLimitNames.NameOf(l))])];
        meter.CreateObservableCounter("stream.limit_reached", () => StreamLimitNames.All.Select(l => new Measurement<long>(LimitsReached(l), reached[(int)l])), "{count}", "times that a limit was reached");
        meter.CreateObservableGauge("stream.lag", () => new Measurement<long>(Lag, tags), "{record}", "records waiting in the assigned partitions");

        void Observe(string name, Func<long> read, string description) =>
            meter.CreateObservableCounter(name, () => new Measurement<long>(read(), tags), "{count}", description);
    }

    public string Service { get; }

    /// <summary>Where the loop is at this moment.</summary>
    public StreamProgress Progress { get; } = new();

    /// <summary>Source records processed, those fed again only for state left out.</summary>
    public long Input => Interlocked.Read(ref input);

    public long Output => Interlocked.Read(ref output);

    public long DeadLetters => Interlocked.Read(ref deadLetters);

    public long UnreadableGlobals => Interlocked.Read(ref unreadableGlobals);

    public long Transactions => Interlocked.Read(ref transactions);

    /// <summary>Lives that ended because a client failed, for whatever reason.</summary>
    public long Restarts => RestartReasons.All.Sum(RestartsBy);

    public long Lag => Interlocked.Read(ref lag);

    /// <summary>Partitions owned now; 0 until the first assignment is restored.</summary>
    public long Partitions => Interlocked.Read(ref partitions);

    /// <summary>Lives that ended for this reason.</summary>
    public long RestartsBy(RestartReason reason) => Interlocked.Read(ref restarts[(int)reason]);

    /// <summary>Times that this limit was reached.</summary>
    public long LimitsReached(StreamLimit limit) => Interlocked.Read(ref limits[(int)limit]);

    public void Dispose() => meter.Dispose();

    internal void CountInput() => Interlocked.Increment(ref input);

    internal void CountOutput() => Interlocked.Increment(ref output);

    internal void CountDeadLetter() => Interlocked.Increment(ref deadLetters);

    internal void CountUnreadableGlobal() => Interlocked.Increment(ref unreadableGlobals);

    internal void CountTransaction() => Interlocked.Increment(ref transactions);

    internal void CountRestart(RestartReason reason) => Interlocked.Increment(ref restarts[(int)reason]);

    internal void CountLimit(StreamLimit limit) => Interlocked.Increment(ref limits[(int)limit]);

    internal void SetLag(long value) => Interlocked.Exchange(ref lag, value);

    internal void SetPartitions(long value) => Interlocked.Exchange(ref partitions, value);
}
