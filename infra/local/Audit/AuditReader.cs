using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Local.Audit;

/// <summary>Keeps a <see cref="TopicAudit"/> up to date with all topics, from the moment it is made.</summary>
public sealed class AuditReader : IDisposable
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(50);

    private readonly IPartitionReader reader;
    private readonly TopicAudit audit = new();
    private readonly Lock gate = new();

    /// <summary>Positions itself behind what is in the topics now; what is written from now on is read.</summary>
    public AuditReader(IStreamClients clients)
    {
        reader = clients.OpenReader();
        string[] topics = [.. Topics.All.SelectMany(t => new[] { t.Name, t.DeadLetterName })];
        reader.Assign(topics.SelectMany(reader.PartitionsOf).ToDictionary(p => p, p => reader.Watermarks(p).High));
    }

    /// <summary>Reads until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.Factory.StartNew(
        () =>
        {
            while (!cancel.IsCancellationRequested)
            {
                if (!reader.TryPoll(PollWait, out StreamRecord record)) continue;
                lock (gate) audit.Apply(record);
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Looks at the books while nothing is written to them.</summary>
    public T Look<T>(Func<TopicAudit, T> look)
    {
        lock (gate) return look(audit);
    }

    public void Dispose() => reader.Dispose();
}
