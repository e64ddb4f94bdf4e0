using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>Series of foreign agents in the terms of reports: names, units and kinds brought together. What reports do not hold is passed over.</summary>
internal static class PointMapping
{
    private const string AllCpus = "cpu-total";

    /// <summary>What a series says; null: nothing that a report holds.</summary>
    public static SeriesMapping? Of(PointSeries series)
    {
        if (series.Field is not null) return OfTelegraf(series, series.Field);
        if (series.Metric.StartsWith("system.", StringComparison.Ordinal)) return OfOtlp(series);
        if (series.Attribute("plugin") is { Length: > 0 } plugin) return OfCollectd(plugin, series.Attribute("plugin_instance"), series.Attribute("type"), series.Attribute("type_instance"), First(series, "dsname", "ds_name"), series.Type);
        return series.Host is null ? null : OfGraphite(series, series.Host);
    }

    /// <summary>Semantic conventions for system metrics, old names and new.</summary>
    private static SeriesMapping? OfOtlp(PointSeries p)
    {
        SignalForm form = p.Type == "gauge" || p.Monotonic != true ? SignalForm.Gauge : p.Temporality == "delta" ? SignalForm.Delta : SignalForm.Cumulative;
        string state = First(p, "state", "cpu.mode", "system.memory.state"), device = First(p, "device", "system.device", "network.interface.name"), direction = First(p, "direction", "disk.io.direction", "network.io.direction");
        string cpu = First(p, "cpu", "cpu.logical_number", "system.cpu.logical_number");
        return p.Metric switch
        {
            "system.cpu.time" when form != SignalForm.Gauge => new(SignalKind.Cpu, cpu, CpuState(state), form),
            "system.cpu.utilization" => new(SignalKind.Cpu, cpu, CpuState(state), SignalForm.Gauge),
            "system.cpu.logical.count" => new(SignalKind.Cores, "", "", SignalForm.Gauge),
            "system.memory.limit" => new(SignalKind.MemoryTotal, "", "", SignalForm.Gauge),
            "system.linux.memory.available" or "system.memory.linux.available" => new(SignalKind.MemoryAvailable, "", "", SignalForm.Gauge),
            // Slab is counted as used by the Collector already.
            "system.memory.usage" when !state.StartsWith("slab", StringComparison.Ordinal) && state is not ("inactive" or "shared") => new(SignalKind.Memory, "", state, SignalForm.Gauge),
            "system.memory.utilization" when state == "used" => new(SignalKind.MemoryUsed, "", "", SignalForm.Gauge),
            "system.disk.io" => Transfer(SignalKind.DiskRead, SignalKind.DiskWrite, device, direction is "read", direction is "write", form),
            "system.network.io" => Transfer(SignalKind.NetworkReceive, SignalKind.NetworkTransmit, device, direction is "receive", direction is "transmit", form),
            "system.cpu.load_average.1m" or "system.linux.load.1m" => new(SignalKind.Load1m, "", "", SignalForm.Gauge),
            _ => null,
        };
    }

    private static SeriesMapping? OfTelegraf(PointSeries p, string field)
    {
        switch (p.Metric)
        {
            case "cpu":
                string cpu = p.Attribute("cpu") is { Length: > 0 } name && name != AllCpus ? name : "";
                // Guests' time is in user time; active is the sum of the others.
                if (field.EndsWith("guest", StringComparison.Ordinal) || field.EndsWith("guest_nice", StringComparison.Ordinal) || field.EndsWith("active", StringComparison.Ordinal)) return null;
                if (field.StartsWith("usage_", StringComparison.Ordinal)) return new(SignalKind.Cpu, cpu, CpuState(field[6..]), SignalForm.Gauge, 100);
                return field.StartsWith("time_", StringComparison.Ordinal) ? new(SignalKind.Cpu, cpu, CpuState(field[5..]), SignalForm.Cumulative) : null;
            case "system":
                return field switch
                {
                    "n_cpus" => new(SignalKind.Cores, "", "", SignalForm.Gauge),
                    "load1" => new(SignalKind.Load1m, "", "", SignalForm.Gauge),
                    _ => null,
                };
            case "mem":
                return field switch
                {
                    "total" => new(SignalKind.MemoryTotal, "", "", SignalForm.Gauge),
                    "available" => new(SignalKind.MemoryAvailable, "", "", SignalForm.Gauge),
                    "used" => new(SignalKind.Memory, "", "used", SignalForm.Gauge),
                    _ => null,
                };
            case "diskio":
                return Transfer(SignalKind.DiskRead, SignalKind.DiskWrite, p.Attribute("name"), field == "read_bytes", field == "write_bytes", SignalForm.Cumulative);
            case "net":
                string nic = p.Attribute("interface");
                return nic == "all" ? null : Transfer(SignalKind.NetworkReceive, SignalKind.NetworkTransmit, nic, field == "bytes_recv", field == "bytes_sent", SignalForm.Cumulative);
            default: return null;
        }
    }

    /// <summary>collectd's plugins cpu, memory, load, interface, disk. A derive is a rate unless it is whole: StoreRates false sends counters.</summary>
    private static SeriesMapping? OfCollectd(string plugin, string instance, string type, string typeInstance, string dsname, string? kind)
    {
        SignalForm form = kind is "counter" ? SignalForm.Cumulative : SignalForm.Rate;
        return (plugin, type) switch
        {
            ("cpu", "percent") => new(SignalKind.Cpu, instance, CpuState(typeInstance), SignalForm.Gauge, 100),
            ("cpu", "count") => new(SignalKind.Cores, "", "", SignalForm.Gauge),
            ("cpu", "cpu") => new(SignalKind.Cpu, instance, CpuState(typeInstance), form),
            ("memory", "memory") => new(SignalKind.Memory, "", typeInstance, SignalForm.Gauge),
            ("memory", "percent") when typeInstance == "used" => new(SignalKind.MemoryUsed, "", "", SignalForm.Gauge, 100),
            ("load", "load") when dsname == "shortterm" => new(SignalKind.Load1m, "", "", SignalForm.Gauge),
            ("interface", "if_octets") => Transfer(SignalKind.NetworkReceive, SignalKind.NetworkTransmit, instance, dsname == "rx", dsname == "tx", form),
            ("disk", "disk_octets") => Transfer(SignalKind.DiskRead, SignalKind.DiskWrite, instance, dsname == "read", dsname == "write", form),
            _ => null,
        };
    }

    /// <summary>
    /// collectd's paths behind the host: <c>cpu.0.percent.user</c> with GraphiteSeparateInstances, <c>cpu-0.percent-user</c> without, either
    /// with <c>.value</c> behind it where GraphiteAlwaysAppendDS is set. Between them may stand a postfix, or the rest of the host's name.
    /// </summary>
    private static SeriesMapping? OfGraphite(PointSeries series, string host)
    {
        string path = series.Metric;
        int at = path.IndexOf(host, StringComparison.Ordinal);
        while (at >= 0 && (at = path.IndexOf('.', at + 1)) >= 0)
            if (OfGraphite(path[(at + 1)..].Split('.', '-')) is { } mapping) return mapping;
        return null;
    }

    private static SeriesMapping? OfGraphite(string[] parts) => parts switch
    {
        [.. var named, "value"] => OfGraphite(named),
        ["cpu", "count"] => OfCollectd("cpu", "", "count", "", "", null),
        ["cpu", var cpu, var type, var state] => OfCollectd("cpu", cpu, type, state, "", null),
        ["cpu", "percent" or "cpu", var state] => OfCollectd("cpu", "", parts[1], state, "", null),
        ["memory", var type, var state] => OfCollectd("memory", "", type, state, "", null),
        ["load", "load", var term] => OfCollectd("load", "", "load", "", term, null),
        // GraphiteDropDuplicateFields leaves the second one out.
        ["load", var term] => OfCollectd("load", "", "load", "", term, null),
        ["interface" or "disk", .. var device, "if_octets" or "disk_octets", var dsname] => OfCollectd(parts[0], string.Join('-', device), parts[^2], "", dsname, null),
        _ => null,
    };

    private static SeriesMapping? Transfer(SignalKind inward, SignalKind outward, string device, bool isIn, bool isOut, SignalForm form) =>
        isIn ? new(inward, device, "", form) : isOut ? new(outward, device, "", form) : null;

    private static string CpuState(string state) => state is "wait" or "io_wait" ? "iowait" : state;

    private static string First(PointSeries p, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            if (p.Attribute(name) is { Length: > 0 } text) return text;
        return "";
    }
}
