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
        bool any = false;
        return Whole(now) && (before is null || Whole(before)) && any;

        bool Whole(Scrape scrape)
        {
            foreach (Observation o in scrape.All)
            {
                if (o.Form != SignalForm.Rate || o.Value == 0) continue;
                if (o.Value != Math.Floor(o.Value)) return false;
                any = true;
            }
            return true;
        }
    }

    private static double? CoresOf(Scrape? scrape)
    {
        if (scrape is null) return null;
        if (scrape.Gauge(SignalKind.Cores) is > 0 and double cores) return cores;
        HashSet<string>? cpus = null;
        foreach (Observation o in scrape.All)
            if (o.Kind == SignalKind.Cpu && o.Instance.Length > 0) (cpus ??= []).Add(o.Instance);
        return cpus?.Count;
    }

    private static double? MemoryTotalOf(Scrape? scrape)
    {
        if (scrape is null) return null;
        if (scrape.Gauge(SignalKind.MemoryTotal) is > 0 and double total) return total;
        if (scrape.Find(SignalKind.Memory, "", "used") is null || scrape.Find(SignalKind.Memory, "", "free") is null) return null;
        double sum = 0;
        foreach (Observation o in scrape.All)
            if (o.Kind == SignalKind.Memory) sum += o.Value;
        return sum;
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
        bool gauges = false, allTogether = false;
        foreach (Observation o in now.All) gauges |= IsCpu(o) && o.Form == SignalForm.Gauge && o.State == "idle";
        foreach (Observation o in now.All) allTogether |= IsCpu(o) && o.Form == SignalForm.Gauge == gauges && o.Instance.Length == 0;
        (double idle, double wait, double steal, double all) = (0, 0, 0, 0);
        foreach (Observation o in now.All)
        {
            if (!IsCpu(o) || o.Form == SignalForm.Gauge != gauges || (allTogether && o.Instance.Length > 0)) continue;
            double amount = gauges ? o.Value : Grown(o, before, counters);
            all += amount;
            if (o.State == "idle") idle += amount;
            else if (o.State == "iowait") wait += amount;
            else if (o.State == "steal") steal += amount;
        }
        if (!(all > 0))
        {
            if (Active(now) is { } active) own.CpuUtilization = (float)Math.Clamp(active, 0, Bounds.UtilizationMax);
            return;
        }
        own.CpuUtilization = (float)Math.Clamp(1 - ((idle + wait) / all), 0, Bounds.UtilizationMax);
        (own.CpuSteal, own.CpuIowait) = ((float)Math.Clamp(steal / all, 0, 1), (float)Math.Clamp(wait / all, 0, 1));
    }

    /// <summary>What an agent tells that does not tell states apart (collectd with ReportByState false): of all CPUs together, else the mean.</summary>
    private static double? Active(Scrape now)
    {
        if (now.Find(SignalKind.Cpu, "", "active") is { Form: SignalForm.Gauge } together) return together.Value;
        (double sum, int count) = (0, 0);
        foreach (Observation o in now.All)
            if (o is { Kind: SignalKind.Cpu, State: "active", Form: SignalForm.Gauge }) (sum, count) = (sum + o.Value, count + 1);
        return count > 0 ? sum / count : null;
    }

    private static bool IsCpu(in Observation o) => o.Kind == SignalKind.Cpu && o.State is not ("guest" or "guest_nice" or "active");

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
        double sum = 0;
        bool any = false;
        foreach (Observation o in now.All)
        {
            // A partition's bytes are its disk's, too.
            if (o.Kind != kind || !counts(o.Instance) || (DiskStats.ParentOf(o.Instance) is { } disk && now.Find(kind, disk) is not null && counts(disk))) continue;
            double amount = Grown(o, before, counters) / (o.Form == SignalForm.Rate && !counters ? 1 : seconds);
            if (!double.IsFinite(amount)) continue;
            sum += amount;
            any = true;
        }
        return any ? sum : null;
    }
}
