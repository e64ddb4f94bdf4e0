using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay.Foreign;

/// <summary>What the counters of a VM's disk and network stand at: other agents send counters where we send rates.</summary>
internal sealed class ByteCounters
{
    private static readonly Dictionary<string, ByteCounters> None = [];

    private readonly Dictionary<string, ByteCounters> byVm;

    public ByteCounters()
        : this([])
    {
    }

    private ByteCounters(Dictionary<string, ByteCounters> byVm) => this.byVm = byVm;

    public long DiskRead { get; private set; }

    public long DiskWrite { get; private set; }

    public long NetworkReceive { get; private set; }

    public long NetworkTransmit { get; private set; }

    /// <summary>Time of the first report, Unix ms: when counting began.</summary>
    public long SinceMs { get; private set; }

    /// <summary>The counters of a report's VM at its end.</summary>
    public ByteCounters After(VmReport report)
    {
        if (!byVm.TryGetValue(report.Vm, out ByteCounters? vm)) byVm[report.Vm] = vm = new ByteCounters(None) { SinceMs = report.TimeUnixMs - report.IntervalMs };
        double seconds = report.IntervalMs / 1000.0;
        vm.DiskRead += (long)(report.Own.DiskRead * seconds);
        vm.DiskWrite += (long)(report.Own.DiskWrite * seconds);
        vm.NetworkReceive += (long)(report.Own.NetworkReceive * seconds);
        vm.NetworkTransmit += (long)(report.Own.NetworkTransmit * seconds);
        return vm;
    }
}
