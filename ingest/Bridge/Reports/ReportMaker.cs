using Pipeline.Ingest.Agent.Proc;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>A report out of two scrapes in a row: counters need the one before, gauges do not.</summary>
internal static class ReportMaker
{
    /// <summary>The report; null where there is no interval yet, no number of CPUs, or neither CPU nor memory.</summary>
    public static VmReport? Make(string vm, Scrape now, Scrape? before)
    {
        double seconds = before is not null && now.StartNano > before.StartNano ? (now.StartNano - before.StartNano) / 1e9 : now.IntervalS ?? 0;
        uint intervalMs = (uint)Math.Min(Math.Round(seconds * 1000), Bounds.IntervalMsMax);
        if (intervalMs < Bounds.IntervalMsMin || (CoresOf(now) ?? CoresOf(before)) is not { } cores) return null;
        long timeMs = (long)(now.StartNano / 1_000_000);
        bool counters = SendsCounters(now, before);
        Signals own = new();
        AddCpu(own, now, before, counters);
        double? total = MemoryTotalOf(now) ?? MemoryTotalOf(before);
        if (MemoryShare(now, total) is { } memory) own.MemoryUtilization = (float)Math.Clamp(memory, 0, 1);
        if (now.Gauge(SignalKind.Load1m) is { } load) own.Load1M = (float)load;
        if (!own.HasCpuUtilization && !own.HasMemoryUtilization) return null;
        if (Transferred(now, before, SignalKind.DiskRead, seconds, counters, DiskStats.IsDisk) is { } read) own.DiskRead = (float)read;
        if (Transferred(now, before, SignalKind.DiskWrite, seconds, counters, DiskStats.IsDisk) is { } write) own.DiskWrite = (float)write;
        if (Transferred(now, before, SignalKind.NetworkReceive, seconds, counters, NetDev.IsCounted) is { } receive) own.NetworkReceive = (float)receive;
        if (Transferred(now, before, SignalKind.NetworkTransmit, seconds, counters, NetDev.IsCounted) is { } transmit) own.NetworkTransmit = (float)transmit;
        return new VmReport
        {
            Vm = vm,
            Cell = now.Cell,
            TimeUnixMs = timeMs,
            IntervalMs = intervalMs,
            // Foreign agents do not number what they send.
            Sequence = 0,
            Cores = (float)cores,
            MemoryBytes = (ulong)(total ?? 0),
            HostId = now.HostId,
            Own = own,
        };
    }

    /// <summary>
    /// collectd calls a derive a derive whether it sends rates or, with StoreRates false, the counters themselves. Rates are divided by a time
    /// that was measured and have a fraction; counters are whole numbers.
    /// </summary>
    private static bool SendsCounters(Scrape now, Scrape? before)
    {
        double[] values = [.. now.All.Concat(before?.All ?? []).Where(o => o.Form == SignalForm.Rate && o.Value != 0).Select(o => o.Value)];
        return values.Length > 0 && Array.TrueForAll(values, v => v == Math.Floor(v));
    }

    private static double? CoresOf(Scrape? scrape)
    {
        if (scrape is null) return null;
        if (scrape.Gauge(SignalKind.Cores) is > 0 and double cores) return cores;
        int cpus = scrape.All.Where(o => o.Kind == SignalKind.Cpu && o.Instance.Length > 0).Select(o => o.Instance).Distinct().Count();
        return cpus > 0 ? cpus : null;
    }

    private static double? MemoryTotalOf(Scrape? scrape)
    {
        if (scrape is null) return null;
        if (scrape.Gauge(SignalKind.MemoryTotal) is > 0 and double total) return total;
        Observation[] states = [.. scrape.All.Where(o => o.Kind == SignalKind.Memory)];
        return states.Any(o => o.State == "used") && states.Any(o => o.State == "free") ? states.Sum(o => o.Value) : null;
    }

    private static double? MemoryShare(Scrape now, double? total)
    {
        if (total is > 0 and double bytes)
        {
            if (now.Gauge(SignalKind.MemoryAvailable) is { } available) return 1 - (available / bytes);
            if (now.Gauge(SignalKind.Memory, "used") is { } used) return used / bytes;
        }
        return now.Gauge(SignalKind.MemoryUsed);
    }

    /// <summary>
    /// Gauges where the agent sends them, else counters. All CPUs together where the agent sends them so, else the mean of all. A state's counter
    /// that goes back was reset: there is no utilisation for this interval.
    /// </summary>
    private static void AddCpu(Signals own, Scrape now, Scrape? before, bool counters)
    {
        ILookup<bool, Observation> cpu = now.All.Where(o => o.Kind == SignalKind.Cpu && o.State is not ("guest" or "guest_nice" or "active")).ToLookup(o => o.Form == SignalForm.Gauge);
        (double idle, double wait, double steal, double all) = cpu[true].Any(o => o.State == "idle") ? Sums(Whole(cpu[true]), o => o.Value) : Sums(Whole(cpu[false]), o => Grown(o, before, counters));
        if (!(all > 0)) return;
        own.CpuUtilization = (float)Math.Clamp(1 - ((idle + wait) / all), 0, Bounds.UtilizationMax);
        (own.CpuSteal, own.CpuIowait) = ((float)Math.Clamp(steal / all, 0, 1), (float)Math.Clamp(wait / all, 0, 1));
    }

    private static IEnumerable<Observation> Whole(IEnumerable<Observation> cpu) => cpu.Any(o => o.Instance.Length == 0) ? cpu.Where(o => o.Instance.Length == 0) : cpu;

    private static (double Idle, double Wait, double Steal, double All) Sums(IEnumerable<Observation> cpu, Func<Observation, double> value)
    {
        (double idle, double wait, double steal, double all) = (0, 0, 0, 0);
        foreach (Observation o in cpu)
        {
            double amount = value(o);
            all += amount;
            if (o.State == "idle") idle += amount;
            else if (o.State == "iowait") wait += amount;
            else if (o.State == "steal") steal += amount;
        }
        return (idle, wait, steal, all);
    }

    /// <summary>By how much a series has grown; NaN where that is not known: a counter that is new, was reset, or is meant otherwise than before.</summary>
    private static double Grown(Observation o, Scrape? before, bool counters)
    {
        if (o.Form == SignalForm.Rate && !counters) return o.Value;
        // The first delta of an observable counter is the whole total since boot.
        if (before?.Find(o.Kind, o.Instance, o.State) is not { } earlier || earlier.Form != o.Form) return double.NaN;
        double grown = o.Form == SignalForm.Delta ? o.Value : o.Value - earlier.Value;
        return grown >= 0 ? grown : double.NaN;
    }

    /// <summary>Bytes per second over the devices that count; a device whose counter was reset or is new is left out.</summary>
    private static double? Transferred(Scrape now, Scrape? before, SignalKind kind, double seconds, bool counters, Func<string, bool> counts)
    {
        Observation[] devices = [.. now.All.Where(o => o.Kind == kind && counts(o.Instance))];
        HashSet<string> names = [.. devices.Select(d => d.Instance)];
        double sum = 0;
        bool any = false;
        foreach (Observation o in devices)
        {
            if (DiskStats.ParentOf(o.Instance) is { } disk && names.Contains(disk)) continue;
            double amount = Grown(o, before, counters) / (o.Form == SignalForm.Rate && !counters ? 1 : seconds);
            if (!double.IsFinite(amount)) continue;
            sum += amount;
            any = true;
        }
        return any ? sum : null;
    }
}
