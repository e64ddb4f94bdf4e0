using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay.Foreign;

/// <summary>
/// Telegraf's Kafka output with data_format = "influx" and routing_tag = "host": line protocol, one metric a record, percent where we have
/// shares, bytes as counters. The cell goes as a tag, as a fleet's global_tags would set it.
/// </summary>
public sealed class TelegrafInfluxFormat : IForeignFormat
{
    private readonly LineProtocolWriter writer = new();
    private readonly LineBatch batch = new();
    private readonly ByteCounters counters = new();

    public string Topic => "telegraf";

    public IEnumerable<(string? Key, byte[] Value)> Encode(VmReport report) => [.. Points(report, counters.After(report)).Select(p => ((string?)report.Vm, Line(p)))];

    private static IEnumerable<Point> Points(VmReport report, ByteCounters counters)
    {
        Signals own = report.Own;
        long time = report.TimeUnixMs * 1_000_000;
        Tag cell = new("cell", report.Cell), host = new("host", report.Vm);
        if (own.HasCpuUtilization)
        {
            double busy = Math.Min(100, Percent(own.CpuUtilization)), steal = Percent(own.CpuSteal), wait = Math.Min(100 - busy, Percent(own.CpuIowait));
            yield return new Point("cpu", [cell, new("cpu", "cpu-total"), host],
                [new("usage_user", Math.Max(0, busy - steal)), new("usage_system", 0.0), new("usage_idle", 100 - busy - wait), new("usage_iowait", wait), new("usage_steal", steal)], time);
        }
        if (own.HasMemoryUtilization)
        {
            long available = (long)(report.MemoryBytes * (1.0 - own.MemoryUtilization));
            yield return new Point("mem", [cell, host],
                [new("total", (long)report.MemoryBytes), new("available", available), new("available_percent", 100 - Percent(own.MemoryUtilization)), new("used_percent", Percent(own.MemoryUtilization))], time);
        }
        if (own.HasDiskRead || own.HasDiskWrite)
            yield return new Point("diskio", [cell, host, new("name", "vda")], [new("read_bytes", counters.DiskRead), new("write_bytes", counters.DiskWrite)], time);
        if (own.HasNetworkReceive || own.HasNetworkTransmit)
            yield return new Point("net", [cell, host, new("interface", "eth0")], [new("bytes_recv", counters.NetworkReceive), new("bytes_sent", counters.NetworkTransmit)], time);
        List<Field> system = [new("n_cpus", (long)Math.Max(1, Math.Round(report.Cores)))];
        if (own.HasLoad1M) system.Add(new Field("load1", (double)own.Load1M));
        yield return new Point("system", [cell, host], [.. system], time);
    }

    /// <summary>A share is single precision: beyond seven digits there is nothing.</summary>
    private static double Percent(float share) => Math.Round(share * 100.0, 4);

    private byte[] Line(Point point)
    {
        batch.Clear();
        if (!writer.TryWrite(point, 0, batch, out string reason)) throw new InvalidDataException(reason);
        return batch.Bytes.ToArray();
    }
}
