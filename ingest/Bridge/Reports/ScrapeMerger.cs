using System.Diagnostics.Metrics;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>The scrapes of many machines: points in, a report of each scrape that is complete out.</summary>
/// <param name="options">When a scrape is complete, how many machines.</param>
/// <param name="ordered">Whether each machine's points come in the order of its scrapes: then one is complete as soon as the next begins.</param>
internal sealed class ScrapeMerger(BridgeOptions options, bool ordered)
{
    private static readonly Counter<long> Reports = BridgeProcessor.Meter.CreateCounter<long>("bridge.reports", description: "Reports made");
    private static readonly Counter<long> Late = BridgeProcessor.Meter.CreateCounter<long>("bridge.points_late", description: "Points whose report was made already");
    private static readonly Counter<long> Unsound = BridgeProcessor.Meter.CreateCounter<long>("bridge.reports_unsound", description: "Reports that were out of bounds and not sent");

    private readonly SortedDictionary<string, HostState> hosts = new(StringComparer.Ordinal);
    private readonly VmReports value = new();
    private readonly ulong merge = (ulong)options.Merge.Ticks * 100;
    private long second = long.MinValue;

    /// <summary>From this offset on records have to be fed again to come to the same state.</summary>
    public long FirstOffset
    {
        get
        {
            long first = long.MaxValue;
            foreach (HostState host in hosts.Values) first = Math.Min(first, host.FirstOffset);
            return first;
        }
    }

    /// <summary>Why a machine that is new is not taken; null: it is.</summary>
    public string? RefusalOf(string vm) =>
        hosts.Count >= options.HostsMax && !hosts.ContainsKey(vm) ? $"{hosts.Count} machines in the partition already; at most {options.HostsMax} are allowed" : null;

    /// <summary>The scrape that a machine's point belongs to; null, and counted: its report was made already.</summary>
    public Scrape? At(string vm, ulong timeNano, long offset, long recordUnixMs, IOutput output)
    {
        if (!hosts.TryGetValue(vm, out HostState? host)) hosts[vm] = host = new HostState(vm, ordered);
        Scrape? scrape = host.At(timeNano, offset, merge);
        while (host.IsFull) Emit(host.Close(), recordUnixMs, output);
        if (scrape is null) Late.Add(1);
        return scrape;
    }

    /// <summary>
    /// All records up to this timestamp are there: what has been quiet is complete. Looks once a second of that time, so that the same
    /// records always give the same reports.
    /// </summary>
    public void Advance(long nowUnixMs, IOutput output)
    {
        if (nowUnixMs / 1000 <= second) return;
        second = nowUnixMs / 1000;
        List<string>? forgotten = null;
        foreach ((string name, HostState host) in hosts)
        {
            while (host.IsComplete(nowUnixMs, options.Flush)) Emit(host.Close(), nowUnixMs, output);
            if (host.RecordUnixMs + options.Forget.TotalMilliseconds < nowUnixMs) (forgotten ??= []).Add(name);
        }
        foreach (string name in forgotten ?? []) hosts.Remove(name);
    }

    /// <summary>Nothing more comes: what is open is complete.</summary>
    public void CloseAll(IOutput output)
    {
        foreach (HostState host in hosts.Values)
            while (host.HasOpen) Emit(host.Close(), host.RecordUnixMs, output);
    }

    private void Emit(VmReport? report, long timestampUnixMs, IOutput output)
    {
        if (report is null) return;
        value.Reports.Clear();
        value.Reports.Add(report);
        if (MetricsValidator.Check(value, new RecordContext(report.Cell, timestampUnixMs)) is not null)
        {
            Unsound.Add(1);
            return;
        }
        output.Emit(Topics.VmMetrics, report.Cell, value);
        Reports.Add(1);
    }
}
