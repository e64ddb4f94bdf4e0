using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Pipeline.Ingest.Agent.Spool;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Agent.Delivery;

/// <summary>
/// Brings an agent's reports to the cluster. A fresh one is put into the spool, then sent at once; what waits in the spool is sent beside,
/// oldest first, at a bounded rate, once the cluster has acknowledged a report. Without a spool reports wait in the client's memory, and
/// what is not delivered in time is lost, counted and logged.
/// </summary>
public sealed class ReportSender : IDisposable
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(10), FlushTimeoutWithSpool = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly IReportWire wire;
    private readonly ReportSpool? spool;
    private readonly SenderOptions options;
    private readonly ReportSealer sealer;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ClockWatch clock;
    private readonly HashSet<ulong> underWay = [];
    private readonly HashSet<ulong> drained = [];
    private readonly ITimer timer;
    private ulong next;
    private long lost, drainedAt;
    private bool answers, draining, disposed;

    /// <param name="wire">The way to the cluster; it is disposed of with the sender.</param>
    /// <param name="spool">Where reports wait; null: in memory only, and numbers begin at 1.</param>
    /// <param name="options">How the spool is drained.</param>
    /// <param name="sealer">Makes records of reports.</param>
    /// <param name="log">The log.</param>
    /// <param name="time">The clock.</param>
    public ReportSender(IReportWire wire, ReportSpool? spool, SenderOptions options, ReportSealer sealer, ILoggerFactory log, TimeProvider time)
    {
        (this.wire, this.spool, this.options, this.sealer, this.time) = (wire, spool, options, sealer, time);
        logger = log.CreateLogger<ReportSender>();
        clock = new ClockWatch(logger);
        next = spool?.NextSequence ?? 1;
        timer = time.CreateTimer(_ => Drain(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (spool is { Waiting: > 0 }) logger.LogInformation("{Waiting} reports wait in the spool", spool.Waiting);
    }

    /// <summary>Reports that the cluster has acknowledged.</summary>
    public long Sent { get; private set; }

    /// <summary>Reports that will never be delivered.</summary>
    public long Lost => spool is null ? Interlocked.Read(ref lost) : (long)spool.Dropped;

    /// <summary>Gives a report its number and what it says about its agent, keeps it and sends it.</summary>
    public void Send(VmReport report)
    {
        lock (gate)
        {
            report.Sequence = next++;
            spool?.DropOld(report.TimeUnixMs);
            AgentState state = AgentState.Parser.ParseFrom(report.Agent);
            (state.Dropped, state.Waiting, state.ClockBehindMs) = ((ulong)Lost, (uint)(spool?.Waiting ?? underWay.Count), clock.BehindMs);
            report.Agent = state.ToByteString();
            SpooledReport kept = new(report.Sequence, report.TimeUnixMs, report.Cell, sealer.Seal(report));
            spool?.Append(kept);
            Produce(kept);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            timer.Dispose();
        }
        wire.Flush(spool is null ? FlushTimeout : FlushTimeoutWithSpool);
        wire.Dispose();
        lock (gate) spool?.Dispose();
    }

    private void Produce(SpooledReport report)
    {
        underWay.Add(report.Sequence);
        long sent = time.GetUtcNow().ToUnixTimeMilliseconds();
        wire.Send(report.Key, report.Value, result => Told(report.Sequence, sent, result));
    }

    private void Told(ulong sequence, long sentUnixMs, DeliveryResult result)
    {
        lock (gate)
        {
            underWay.Remove(sequence);
            bool fromSpool = drained.Remove(sequence);
            if (result.Failure is null)
            {
                Sent++;
                answers = true;
                if (result.BrokerUnixMs is { } broker) clock.Observe(sentUnixMs, time.GetUtcNow().ToUnixTimeMilliseconds(), broker);
                spool?.Settle(sequence);
            }
            else Failed(sequence, result.Failure, fromSpool);
            StartDraining();
        }
    }

    private void Failed(ulong sequence, string reason, bool fromSpool)
    {
        if (answers || spool is null) logger.LogWarning("report {Sequence} was not delivered: {Reason}", sequence, reason);
        answers = false;
        if (spool is null) logger.LogError("{Lost} reports are lost since the start; --spool names a folder where they would wait", Interlocked.Increment(ref lost));
        else if (!fromSpool && !spool.Holds(sequence)) spool.Lose(sequence);
    }

    private void StartDraining()
    {
        if (draining || disposed || !answers || spool is null || spool.Waiting <= underWay.Count) return;
        draining = true;
        drainedAt = time.GetTimestamp();
        timer.Change(SenderOptions.DrainEvery, SenderOptions.DrainEvery);
    }

    /// <summary>Sends as many of the oldest as the time since the last look allows.</summary>
    private void Drain()
    {
        lock (gate)
        {
            if (disposed || !draining || spool is null) return;
            if (!answers || spool.Waiting <= underWay.Count)
            {
                draining = false;
                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                if (answers && spool.Waiting == 0) logger.LogInformation("the spool is empty again");
                return;
            }
            TimeSpan passed = time.GetElapsedTime(drainedAt);
            int count = Math.Min((int)(passed.TotalSeconds * options.DrainPerSecond), options.DrainWindow - drained.Count);
            if (count <= 0) return;
            drainedAt = time.GetTimestamp();
            foreach (SpooledReport report in spool.Oldest(count, s => !underWay.Contains(s)))
            {
                drained.Add(report.Sequence);
                Produce(report);
            }
        }
    }
}
