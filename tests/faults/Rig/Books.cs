using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Local.Audit;
using Pipeline.Schemas;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>Reads all topics back while they are written (committed records only) and keeps the books; survives that brokers go away.</summary>
internal sealed class Books : IAsyncDisposable
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReopenPause = TimeSpan.FromMilliseconds(500);

    private readonly KafkaConnection kafka;
    private readonly Oracle oracle = new();
    private readonly TopicAudit audit = new();
    private readonly Lock gate = new();
    private readonly Dictionary<PartitionId, long> positions = [];
    private readonly CancellationTokenSource stop = new();
    private readonly Task reading;
    private long idleSince = TimeProvider.System.GetTimestamp();

    public Books(KafkaConnection kafka)
    {
        this.kafka = kafka;
        using IPartitionReader reader = Open();
        foreach (PartitionId partition in Topics.All.SelectMany(t => new[] { t.Name, t.DeadLetterName }).SelectMany(reader.PartitionsOf))
        {
            (long low, long high) = reader.Watermarks(partition);
            if (high > low) throw new Infra.CommandLine.UserException($"{partition.Topic} of {kafka.BootstrapServers} holds records already: the books can only be kept of a cluster without any");
            positions[partition] = high;
        }
        reading = Task.Factory.StartNew(ReadAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>How long no committed record has come.</summary>
    public TimeSpan Idle => TimeProvider.System.GetElapsedTime(Interlocked.Read(ref idleSince));

    /// <summary>Looks at the books while nothing is written to them.</summary>
    public T Look<T>(Func<TopicAudit, T> look)
    {
        lock (gate) return look(audit);
    }

    /// <summary>Everything that was sent is in the topics, and has had all its consequences.</summary>
    public bool AreBalanced(Load load)
    {
        lock (gate)
        {
            return audit.Fleet.ReportsSeen >= load.Reports && audit.Calls.Invocations >= load.Invocations
                && oracle.Missing == 0
                && audit.Calls.Dispatched + audit.Calls.Rejected >= audit.Calls.Invocations
                && audit.Calls.Completed >= audit.Calls.Dispatched;
        }
    }

    /// <summary>Sources, answers and completions that are missing, and what the oracle says of the other outputs.</summary>
    public (long Lost, long Differing) Close(Load load, Action<string> say)
    {
        lock (gate)
        {
            (int lost, int differing) = oracle.Finish(say);
            long sources = Missing("reports", load.Reports, audit.Fleet.ReportsSeen) + Missing("invocations", load.Invocations, audit.Calls.Invocations);
            long answers = Missing("answers", audit.Calls.Invocations, audit.Calls.Dispatched + audit.Calls.Rejected);
            long completions = Missing("completions", audit.Calls.Dispatched, audit.Calls.Completed);
            return (lost + sources + answers + completions, differing + audit.Calls.Unasked);
        }

        long Missing(string what, long wanted, long there)
        {
            if (there < wanted) say($"{wanted - there} {what} are missing");
            return Math.Max(0, wanted - there);
        }
    }

    /// <summary>Whatever stands in a topic twice.</summary>
    public long Duplicated => Look(a => a.Fleet.Repeated + a.Fleet.DuplicateChunks + a.Snapshots.Duplicates + a.Communities.Duplicates + a.Predictions.Duplicates + a.Calls.Duplicates);

    /// <summary>Records of the services' topics that belong to transactions which were aborted: the traces that faults leave.</summary>
    public static long CountAborted(KafkaConnection kafka)
    {
        long all = Count("read_uncommitted"), committed = Count("read_committed");
        return all - committed;

        long Count(string isolation)
        {
            KafkaConnection connection = kafka with { Settings = new Dictionary<string, string> { ["isolation.level"] = isolation } };
            using IPartitionReader reader = new ConfluentClients(connection, NullLoggerFactory.Instance).OpenReader();
            Dictionary<PartitionId, long> ends = ServiceKind.All.SelectMany(k => reader.PartitionsOf(k.Output.Name)).ToDictionary(p => p, p => reader.Watermarks(p).High);
            reader.Assign(ends.ToDictionary(e => e.Key, _ => 0L));
            long count = 0;
            while (ends.Any(e => reader.Position(e.Key) < e.Value))
                while (reader.TryPoll(PollWait, out _)) count++;
            return count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        stop.Dispose();
    }

    private IPartitionReader Open() => new ConfluentClients(kafka, NullLoggerFactory.Instance).OpenReader();

    private async Task ReadAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using IPartitionReader reader = Open();
                reader.Assign(positions);
                while (!stop.IsCancellationRequested)
                    if (reader.TryPoll(PollWait, out StreamRecord record)) Take(record);
            }
            catch (StreamClientException)
            {
                // A broker is away: go on behind the last record that was taken.
                await Task.Delay(ReopenPause);
            }
        }
    }

    private void Take(in StreamRecord record)
    {
        lock (gate)
        {
            audit.Apply(record);
            oracle.Take(record);
        }
        positions[new PartitionId(record.Topic, record.Partition)] = record.Offset + 1;
        Interlocked.Exchange(ref idleSince, TimeProvider.System.GetTimestamp());
    }
}
