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
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(1);

    private readonly ILogger logger = log.CreateLogger("Pipeline." + options.Group);
    private readonly List<Point> points = [];
    private readonly List<Point> outcomes = [];
    private readonly List<StreamRecord> sources = [];
    private readonly Dictionary<PartitionId, long> offsets = [];
    private PredictionOutcomes joined = new();
    private long sent, stored, rejected, retries, fieldsDropped, outcomesStored;

    /// <summary>Points made from records; a revision, or a batch read again after a failure, counts again.</summary>
    public long PointsSent => Interlocked.Read(ref sent);

    /// <summary>Points that the store has acknowledged.</summary>
    public long PointsStored => Interlocked.Read(ref stored);

    /// <summary>Outcomes of predictions that the store has acknowledged; not among <see cref="PointsStored"/>, since no record is behind them.</summary>
    public long OutcomesStored => Interlocked.Read(ref outcomesStored);

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
        joined = new PredictionOutcomes();
        Listener listener = new(this);
        IStreamClients own = clients.Until(cancel);
        using ITransactionalProducer producer = own.OpenProducer($"{options.Group}-{options.Instance}");
        using IGroupConsumer consumer = own.Subscribe(options.Group, [.. PointMapper.Stored.Select(t => t.Name)], listener);
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
        long opened = time.GetTimestamp();
        while (!cancel.IsCancellationRequested)
        {
            if (consumer.TryPoll(PollWait, out StreamRecord record))
            {
                if (offsets.Count == 0) opened = time.GetTimestamp();
                Take(record, producer, consumer);
            }
            if (offsets.Count > 0 && (points.Count >= options.BatchPoints || time.GetElapsedTime(opened) >= options.BatchInterval))
                await WriteAsync(producer, consumer, cancel);
        }
        // What waits is not committed, and is read again by the next one.
    }

    private void Take(in StreamRecord record, ITransactionalProducer producer, IGroupConsumer consumer)
    {
        int before = points.Count;
        if (PointMapper.Map(record, points, joined, outcomes) is { } reason) SendDeadLetter(record, reason, producer, consumer);
        for (int i = before; i < points.Count; i++) sources.Add(record);
        Interlocked.Add(ref sent, points.Count - before);
        offsets[new PartitionId(record.Topic, record.Partition)] = record.Offset + 1;
    }

    private async Task WriteAsync(ITransactionalProducer producer, IGroupConsumer consumer, CancellationToken cancel)
    {
        WriteResult result = await StoreAsync(points, cancel);
        Interlocked.Add(ref stored, result.Stored);
        Interlocked.Add(ref fieldsDropped, result.FieldsDropped);
        foreach (IGrouping<(string, int, long), RejectedPoint> record in result.Rejected.GroupBy(r => Of(sources[r.Index])))
        {
            RejectedPoint first = record.First();
            string others = record.Count() == 1 ? "" : $" (and {record.Count() - 1} other points of the record)";
            SendDeadLetter(sources[first.Index], $"point {first.Point.Measurement}: {first.Reason}{others}", producer, consumer);
        }
        await StoreOutcomesAsync(cancel);
        consumer.Commit(offsets);
        Clear();
    }

    private async Task StoreOutcomesAsync(CancellationToken cancel)
    {
        WriteResult result = await StoreAsync(outcomes, cancel);
        Interlocked.Add(ref outcomesStored, result.Stored);
        if (result.Rejected.Count == 0) return;
        // There is no record to blame: they can be made again from the topics.
        Interlocked.Add(ref rejected, result.Rejected.Count);
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
                Interlocked.Increment(ref retries);
                if (e.Refused) logger.LogError("the store refuses what is sent, and {Points} points wait: {Reason}", batch.Count, e.Message);
                else logger.LogWarning("the store did not take {Points} points, they are kept: {Reason}", batch.Count, e.Message);
                await PauseAsync(options.RetryPause, cancel);
                cancel.ThrowIfCancellationRequested();
            }
        }
    }

    private void SendDeadLetter(in StreamRecord record, string reason, ITransactionalProducer producer, IGroupConsumer consumer)
    {
        Interlocked.Increment(ref rejected);
        logger.LogWarning("{Topic}[{Partition}] offset {Offset} goes to the dead letters: {Reason}", record.Topic, record.Partition, record.Offset, reason);
        producer.Begin();
        DeadLetters.Send(producer, record, reason, options.Group, StreamLimits.Default);
        producer.Commit(new Dictionary<PartitionId, long>(), consumer);
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
    private sealed class Listener(TimeSeriesWriter writer) : IAssignmentListener
    {
        public bool Closing { get; set; }

        public IReadOnlyDictionary<PartitionId, long> Assigned(IReadOnlyDictionary<PartitionId, long> committed) => committed;

        public void Revoked(IReadOnlyCollection<PartitionId> partitions)
        {
            if (!Closing && writer.offsets.Count > 0) throw new StreamClientException("partitions moved while points were waiting");
        }

        public void Lost(IReadOnlyCollection<PartitionId> partitions) => Revoked(partitions);
    }
}
