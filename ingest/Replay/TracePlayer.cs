using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Replay;

/// <summary>
/// Turns traces into the records that agents and a gateway would have sent: in order of event time, the same for the same traces and options.
/// A VM without a value in a slot sends no report, and its sequence numbers go on without a gap.
/// </summary>
public sealed class TracePlayer
{
    private readonly FleetTrace fleet;
    private readonly FunctionTrace? functions;
    private readonly ReplayOptions options;
    private readonly string[] cells;
    private readonly int slots;

    /// <param name="fleet">The VMs.</param>
    /// <param name="functions">What is called; may be null when no invocations are wanted.</param>
    /// <param name="options">Which part.</param>
    /// <exception cref="UserException">The options do not fit the traces.</exception>
    public TracePlayer(FleetTrace fleet, FunctionTrace? functions, ReplayOptions options)
    {
        (this.fleet, this.functions, this.options) = (fleet, functions, options);
        if (options.Vms > fleet.Vms.Count) throw new UserException($"--vms is {options.Vms}; the trace has {fleet.Vms.Count}");
        if (options.StartSlot < 0 || options.StartSlot >= fleet.SlotCount) throw new UserException($"--start-slot is {options.StartSlot}; the trace has slots 0 to {fleet.SlotCount - 1}");
        IntervalMs = (long)(options.Interval ?? TimeSpan.FromMilliseconds(fleet.SlotMs)).TotalMilliseconds;
        if (IntervalMs <= 0 || fleet.SlotMs % IntervalMs != 0) throw new UserException($"--interval is {IntervalMs / 1000.0} s; it has to go into the trace's slot of {fleet.SlotMs / 1000} s a whole number of times");
        if (options.Invocations > 0 && functions is null) throw new UserException("invocations are wanted, but there is no function trace: give --functions DIR");
        slots = Math.Min(Math.Max(1, (int)Math.Ceiling(options.Hours * 3600_000 / fleet.SlotMs)), fleet.SlotCount - options.StartSlot);
        Vms = options.Vms == 0 ? fleet.Vms.Count : options.Vms;
        if (options.Cells < 1 || options.Cells > Vms) throw new UserException($"--cells is {options.Cells}; 1 to {Vms} (the number of VMs) is allowed");
        cells = [.. Enumerable.Range(0, options.Cells).Select(c => $"{options.CellPrefix}{c}")];
    }

    /// <summary>VMs that are played.</summary>
    public int Vms { get; }

    /// <summary>Time between two reports of a VM, milliseconds.</summary>
    public long IntervalMs { get; }

    /// <summary>Start of the first slot, Unix milliseconds.</summary>
    public long StartUnixMs => fleet.SlotStartUnixMs(options.StartSlot);

    /// <summary>End of the last slot, Unix milliseconds; the last reports carry it.</summary>
    public long EndUnixMs => StartUnixMs + ((long)slots * fleet.SlotMs);

    /// <summary>The cell of a VM of the trace.</summary>
    public string CellOf(int vm) => cells[vm % cells.Length];

    /// <summary>Reports that will be sent.</summary>
    public long CountReports()
    {
        if (!options.Reports) return 0;
        long count = 0;
        for (int slot = options.StartSlot; slot < options.StartSlot + slots; slot++)
            for (int vm = 0; vm < Vms; vm++)
                if (!float.IsNaN(fleet.CpuAt(slot, vm))) count++;
        return count * (fleet.SlotMs / IntervalMs);
    }

    /// <summary>All records, in order of event time; at the same time reports come first, in the order of the VMs.</summary>
    public IEnumerable<TraceEvent> Play()
    {
        using IEnumerator<TraceEvent> calls = Invocations().GetEnumerator();
        bool more = calls.MoveNext();
        ulong[] sequences = new ulong[Vms];
        for (long end = StartUnixMs + IntervalMs; end <= EndUnixMs; end += IntervalMs)
        {
            for (; more && calls.Current.TimeUnixMs < end; more = calls.MoveNext()) yield return calls.Current;
            if (!options.Reports) continue;
            int slot = options.StartSlot + (int)((end - 1 - StartUnixMs) / fleet.SlotMs);
            for (int vm = 0; vm < Vms; vm++)
            {
                if (float.IsNaN(fleet.CpuAt(slot, vm))) continue;
                string cell = CellOf(vm);
                yield return new TraceEvent(end, Topics.VmMetrics, cell, new VmReports { Reports = { Report(slot, vm, cell, end, ++sequences[vm]) } });
            }
        }
    }

    private VmReport Report(int slot, int vm, string cell, long end, ulong sequence)
    {
        // Sizes of a trace may be nominal; what an agent reports keeps within its bounds.
        Signals own = new() { CpuUtilization = Math.Min(fleet.CpuAt(slot, vm), Bounds.UtilizationMax) };
        int at = (slot * fleet.Vms.Count) + vm;
        if (Has(fleet.Memory)) own.MemoryUtilization = Math.Min(fleet.Memory![at], 1);
        if (Has(fleet.DiskRead)) own.DiskRead = fleet.DiskRead![at];
        if (Has(fleet.DiskWrite)) own.DiskWrite = fleet.DiskWrite![at];
        if (Has(fleet.NetworkReceive)) own.NetworkReceive = fleet.NetworkReceive![at];
        if (Has(fleet.NetworkTransmit)) own.NetworkTransmit = fleet.NetworkTransmit![at];
        return new VmReport
        {
            Vm = fleet.Vms[vm],
            Cell = cell,
            TimeUnixMs = end,
            IntervalMs = (uint)IntervalMs,
            Sequence = sequence,
            Cores = fleet.Cores[vm],
            MemoryBytes = fleet.MemoryBytes[vm],
            Own = own,
        };

        bool Has(float[]? metric) => metric is not null && !float.IsNaN(metric[at]);
    }

    private IEnumerable<TraceEvent> Invocations()
    {
        if (options.Invocations == 0 || functions is null) yield break;
        long start = StartUnixMs + (long)options.InvocationsAfter.TotalMilliseconds;
        if (start >= EndUnixMs) throw new UserException($"calls would begin {options.InvocationsAfter.TotalMinutes} min after the start, when the replay is over: play more hours");
        int[] numbers = new int[functions.Functions.Count];
        foreach ((long time, int index) in InvocationDraw.Draw(functions, start, EndUnixMs, options.Invocations, options.Seed))
        {
            TracedFunction function = functions.Functions[index];
            yield return new TraceEvent(time, Topics.FunctionInvocations, function.Name, new Invocation
            {
                Id = $"{function.Name}-{++numbers[index]:D6}",
                Function = function.Name,
                Tenant = function.Tenant,
                TimeUnixMs = time,
                MemoryBytes = function.MemoryBytes,
            });
        }
    }
}
