using Microsoft.Extensions.Logging;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>
/// Brings the topics of <see cref="PointMapper"/> into a time-series store. Offsets are committed only when the store has acknowledged the
/// points, so nothing is lost; after a failure points are written again, which changes nothing, since a point's identity comes from event time.
/// At most one batch is in memory. Records that cannot be read, and those of points that the store refuses, go to the dead letters.
/// </summary>
public sealed class TimeSeriesWriter(IStreamClients clients, ITimeSeriesSink sink, TimeSeriesWriterOptions options, ILoggerFactory log, TimeProvider time)
{
    /// <summary>
    /// What clients for a writer hold: while the store is away their queue fills up, and a small record takes several times its bytes there.
    /// A batch of points waits beside it, so a second one is enough; answers to fetches come compressed, and may be ten times as large after that.
    /// </summary>
    public static readonly StreamLimits Limits = StreamLimits.Default with
    {
        ConsumerQueueMessages = 5000,
        ConsumerQueueKbytes = 4 * 1024,
        FetchBytesMax = 1024 * 1024,
        PartitionFetchBytesMax = 16 * 1024,
    };

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(1);

    private readonly ILogger logger = log.CreateLogger("Pipeline." + options.Group);
    private readonly List<Point> points = [];
    private readonly List<Point> outcomes = [];
    private readonly List<StreamRecord> sources = [];
    private readonly List<Point> replayed = [];
    private readonly Dictionary<PartitionId, long> offsets = [];
    private readonly Dictionary<PartitionId, long> committed = [];
    private PredictionOutcomes joined = new();
    private long sent, stored, rejected, retries, fieldsDropped, outcomesStored, outcomesMissed, missedBefore, newestUnixMs;

    /// <summary>Points made from records; a revision, or a batch read again after a failure, counts again.</summary>
    public long PointsSent => Interlocked.Read(ref sent);

    /// <summary>Points that the store has acknowledged.</summary>
    public long PointsStored => Interlocked.Read(ref stored);

    /// <summary>Outcomes of predictions that the store has acknowledged; not among <see cref="PointsStored"/>, since no record is behind them.</summary>
    public long OutcomesStored => Interlocked.Read(ref outcomesStored);

    /// <summary>Predictions that have no outcome.</summary>
    public long OutcomesMissed => Interlocked.Read(ref outcomesMissed);

    /// <summary>Fields that the store could not hold, of points that it took.</summary>
    public long FieldsDropped => Interlocked.Read(ref fieldsDropped);

    /// <summary>Records that could not be read, or with points that the store refused for good.</summary>
    public long Rejected => Interlocked.Read(ref rejected);

    /// <summary>Batches that had to be tried again.</summary>
    public long Retries => Interlocked.Read(ref retries);

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.Run(() => RunLivesAsync(cancel), CancellationToken.None);

    private async Task RunLivesAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(cancel);
            }
            catch (StreamClientException e) when (!cancel.IsCancellationRequested)
            {
                logger.LogWarning("starts again from the committed offsets: {Reason}", e.Message);
                await PauseAsync(RestartPause, cancel);
            }
            catch (Exception e) when (e is OperationCanceledException or StreamClientException && cancel.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task RunOnceAsync(CancellationToken cancel)
    {
        Clear();
        committed.Clear();
        (joined, missedBefore) = (new PredictionOutcomes(), 0);
        IStreamClients own = clients.Until(cancel);
        Listener listener = new(this, own);
        using ITransactionalProducer producer = own.OpenProducer($"{options.Group}-{options.Instance}");
        using IGroupConsumer consumer = own.Subscribe(options.Group, [.. PointMapper.Stored.Select(t => t.Name), .. options.RawSamples ? [Topics.VmMetrics.Name] : Array.Empty<string>()], listener);
        try
        {
            await PumpAsync(producer, consumer, cancel);
        }
        finally
        {
            listener.Closing = true;
        }
    }

    private async Task PumpAsync(ITransactionalProducer producer, IGroupConsumer consumer, CancellationToken cancel)
    {
        long opened = time.GetTimestamp(), told = opened;
        while (!cancel.IsCancellationRequested)
        {
            if (consumer.TryPoll(PollWait, out StreamRecord record))
            {
                if (offsets.Count + outcomes.Count == 0) opened = time.GetTimestamp();
                Take(record, producer, consumer);
            }
            if (offsets.Count + outcomes.Count > 0 && (points.Count + outcomes.Count >= options.BatchPoints || time.GetElapsedTime(opened) >= options.BatchInterval))
                await WriteAsync(producer, consumer, cancel);
            if (options.HealthInterval == TimeSpan.Zero || time.GetElapsedTime(told) < options.HealthInterval) continue;
            told = time.GetTimestamp();
            await StoreAsync([Health(consumer.Lag)], cancel);
        }
        // What waits is not committed, and is read again by the next one.
    }

    private void Take(in StreamRecord record, ITransactionalProducer producer, IGroupConsumer consumer)
    {
        PartitionId partition = new(record.Topic, record.Partition);
        newestUnixMs = Math.Max(newestUnixMs, record.TimestampUnixMs);
        if (record.Offset < committed.GetValueOrDefault(partition))
        {
            // Stored already; it is read again for what is joined with it.
            PointMapper.Map(record, replayed, joined, outcomes);
            replayed.Clear();
            return;
        }
        int before = points.Count;
        if (PointMapper.Map(record, points, joined, outcomes) is { } reason) SendDeadLetter(record, reason, producer, consumer);
        for (int i = before; i < points.Count; i++) sources.Add(record);
        Interlocked.Add(ref sent, points.Count - before);
        offsets[partition] = record.Offset + 1;
    }

    private async Task WriteAsync(ITransactionalProducer producer, IGroupConsumer consumer, CancellationToken cancel)
    {
        WriteResult result = await StoreAsync(points, cancel);
        Count(ref stored, StoreMetrics.Stored, result.Stored);
        Count(ref fieldsDropped, StoreMetrics.FieldsDropped, result.FieldsDropped);
        foreach (IGrouping<(string, int, long), RejectedPoint> record in result.Rejected.GroupBy(r => Of(sources[r.Index])))
        {
            RejectedPoint first = record.First();
            string others = record.Count() == 1 ? "" : $" (and {record.Count() - 1} other points of the record)";
            SendDeadLetter(sources[first.Index], $"point {first.Point.Measurement}: {first.Reason}{others}", producer, consumer);
        }
        await StoreOutcomesAsync(cancel);
        if (offsets.Count > 0) consumer.Commit(offsets);
        Clear();
    }

    private async Task StoreOutcomesAsync(CancellationToken cancel)
    {
        WriteResult result = await StoreAsync(outcomes, cancel);
        Count(ref outcomesStored, StoreMetrics.Outcomes, result.Stored);
        Count(ref outcomesMissed, StoreMetrics.OutcomesMissed, joined.Missed - missedBefore);
        missedBefore = joined.Missed;
        if (result.Rejected.Count == 0) return;
        // There is no record to blame: they can be made again from the topics.
        Count(ref rejected, StoreMetrics.Rejected, result.Rejected.Count);
        logger.LogWarning("the store refuses {Count} outcomes of predictions: {Reason}", result.Rejected.Count, result.Rejected[0].Reason);
    }

    private static (string, int, long) Of(in StreamRecord record) => (record.Topic, record.Partition, record.Offset);

    /// <summary>Tries until the store takes the batch: meanwhile no more is read.</summary>
    private async Task<WriteResult> StoreAsync(List<Point> batch, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return batch.Count == 0 ? new WriteResult(0, [], 0) : await sink.WriteAsync(batch, cancel);
            }
            catch (SinkException e)
            {
                Count(ref retries, StoreMetrics.Retries, 1);
                if (e.Refused) logger.LogError("the store refuses what is sent, and {Points} points wait: {Reason}", batch.Count, e.Message);
                else logger.LogWarning("the store did not take {Points} points, they are kept: {Reason}", batch.Count, e.Message);
                await PauseAsync(options.RetryPause, cancel);
                cancel.ThrowIfCancellationRequested();
            }
        }
    }

    private void SendDeadLetter(in StreamRecord record, string reason, ITransactionalProducer producer, IGroupConsumer consumer)
    {
        Count(ref rejected, StoreMetrics.Rejected, 1);
        logger.LogWarning("{Topic}[{Partition}] offset {Offset} goes to the dead letters: {Reason}", record.Topic, record.Partition, record.Offset, reason);
        producer.Begin();
        DeadLetters.Send(producer, record, reason, options.Group, StreamLimits.Default);
        producer.Commit(new Dictionary<PartitionId, long>(), consumer);
    }

    private static void Count(ref long total, System.Diagnostics.Metrics.Counter<long> metric, long count)
    {
        Interlocked.Add(ref total, count);
        if (count > 0) metric.Add(count);
    }

    /// <summary>How the writer itself does, since it was started.</summary>
    private Point Health(long lag)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        List<Field> fields =
        [
            new("lag", lag), new("points_stored", PointsStored), new("rejected", Rejected), new("retries", Retries), new("fields_dropped", FieldsDropped),
            new("outcomes_stored", OutcomesStored), new("outcomes_missed", OutcomesMissed),
        ];
        if (newestUnixMs > 0) fields.Add(new Field("behind_s", (now - newestUnixMs) / 1000));
        return new Point("pipeline_health", [new("service", options.Group), new("instance", options.Instance)], [.. fields], now * 1_000_000);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(pause, time, cancel);
        }
        catch (OperationCanceledException)
        {
            // The caller looks at the token itself.
        }
    }

    private void Clear()
    {
        points.Clear();
        outcomes.Clear();
        sources.Clear();
        offsets.Clear();
    }

    /// <summary>What was read of partitions that go to somebody else is read again there; here the rest is read again from the committed offsets.</summary>
    private sealed class Listener(TimeSeriesWriter writer, IStreamClients clients) : IAssignmentListener
    {
        public bool Closing { get; set; }

        public IReadOnlyDictionary<PartitionId, long> Assigned(IReadOnlyDictionary<PartitionId, long> committed)
        {
            foreach ((PartitionId partition, long offset) in committed) writer.committed[partition] = offset;
            return OutcomeReplay.Begin(clients, committed);
        }

        public void Revoked(IReadOnlyCollection<PartitionId> partitions)
        {
            if (!Closing && writer.offsets.Count > 0) throw new StreamClientException("partitions moved while points were waiting");
        }

        public void Lost(IReadOnlyCollection<PartitionId> partitions) => Revoked(partitions);
    }
}
