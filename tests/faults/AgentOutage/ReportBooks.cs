using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Faults.AgentOutage;

/// <summary>What the topic holds of one agent.</summary>
internal sealed class ReportBooks
{
    private readonly Dictionary<ulong, byte[]> numbers = [];
    private VmReport? newest;

    /// <summary>Its highest number; numbers begin at 1.</summary>
    public long Made => (long)(newest?.Sequence ?? 0);

    public long Arrived => numbers.Count;

    /// <summary>What it says it gave up.</summary>
    public long GivenUp => (long)State.Dropped;

    /// <summary>The most that a report said waits.</summary>
    public long Waited { get; private set; }

    public long Repeated { get; private set; }

    public long Differing { get; private set; }

    /// <summary>What all its reports tell of.</summary>
    public TimeSpan Told { get; private set; }

    public long Missing => Made - Arrived;

    /// <summary>Its newest report was made when nothing waited any more, and all before it are there or given up.</summary>
    public bool IsSettled => newest is not null && State.Waiting == 0 && Missing <= GivenUp;

    /// <summary>When its newest report was made, Unix milliseconds.</summary>
    public long NewestMs => newest?.TimeUnixMs ?? 0;

    private AgentState State => newest is null ? new AgentState() : AgentState.Parser.ParseFrom(newest.Agent);

    /// <summary>The books of all agents, by VM.</summary>
    public static Dictionary<string, ReportBooks> Read(IPartitionReader reader, CancellationToken cancel)
    {
        Dictionary<string, ReportBooks> books = [];
        foreach (StreamRecord record in TopicContents.Read(reader, Topics.VmMetrics.Name, null, cancel))
        {
            foreach (VmReport report in VmReports.Parser.ParseFrom(record.Value).Reports)
            {
                if (!books.TryGetValue(report.Vm, out ReportBooks? of)) books[report.Vm] = of = new ReportBooks();
                of.Take(report, record.Value);
            }
        }
        return books;
    }

    private void Take(VmReport report, byte[] bytes)
    {
        if (numbers.TryGetValue(report.Sequence, out byte[]? known))
        {
            if (known.AsSpan().SequenceEqual(bytes)) Repeated++;
            else Differing++;
            return;
        }
        numbers[report.Sequence] = bytes;
        Told += TimeSpan.FromMilliseconds(report.IntervalMs);
        Waited = Math.Max(Waited, AgentState.Parser.ParseFrom(report.Agent).Waiting);
        if (newest is null || report.Sequence > newest.Sequence) newest = report;
    }
}
