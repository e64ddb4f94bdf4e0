using System.Globalization;
using Pipeline.Infra.CommandLine;
using Sylvan.Data.Csv;

namespace Pipeline.Infra.Traces;

/// <summary>Reads the files of a fleet trace and checks that they belong together.</summary>
internal static class FleetTraceReader
{
    private const double BytesPerKilobyte = 1024;

    public static FleetTrace Read(DirectoryInfo folder)
    {
        (string[] vms, float[] cores, ulong[] memory) = ReadVms(CsvFile.Require(folder, "vms"));
        (long[] times, float[] cpu) = ReadMetric(CsvFile.Require(folder, "cpu_pct"), vms, null, .01);
        int slotMs = SlotLength(times, folder);
        return new FleetTrace
        {
            Vms = vms,
            Cores = cores,
            MemoryBytes = memory,
            StartUnixMs = times[0] * 1000,
            SlotMs = slotMs,
            SlotCount = times.Length,
            Cpu = cpu,
            Memory = Optional("mem_pct", .01),
            DiskRead = Optional("disk_read_kbs", BytesPerKilobyte),
            DiskWrite = Optional("disk_write_kbs", BytesPerKilobyte),
            NetworkReceive = Optional("net_rx_kbs", BytesPerKilobyte),
            NetworkTransmit = Optional("net_tx_kbs", BytesPerKilobyte),
        };

        float[]? Optional(string name, double scale) =>
            CsvFile.Find(folder, name) is { } file ? ReadMetric(file, vms, times, scale).Values : null;
    }

    private static (string[] Vms, float[] Cores, ulong[] Memory) ReadVms(FileInfo file)
    {
        using CsvDataReader reader = CsvFile.Open(file);
        int name = CsvFile.Column(reader, file, "vm"), cores = CsvFile.Column(reader, file, "cores"), memory = CsvFile.Column(reader, file, "mem_capacity_mb");
        List<string> vms = [];
        List<float> coreCounts = [];
        List<ulong> bytes = [];
        while (reader.Read())
        {
            vms.Add(reader.GetString(name));
            coreCounts.Add((float)Number(reader, file, cores, above: 0));
            bytes.Add((ulong)(Number(reader, file, memory, above: -1) * (1 << 20)));
        }
        if (vms.Count == 0) throw new UserException($"{file.FullName} lists no VM");
        return ([.. vms], [.. coreCounts], [.. bytes]);
    }

    private static (long[] Times, float[] Values) ReadMetric(FileInfo file, string[] vms, long[]? wantedTimes, double scale)
    {
        using CsvDataReader reader = CsvFile.Open(file);
        CheckColumns(reader, file, vms);
        List<long> times = [];
        List<float> values = new(wantedTimes is null ? 0 : wantedTimes.Length * vms.Length);
        while (reader.Read())
        {
            if (!long.TryParse(reader.GetFieldSpan(0), NumberStyles.Integer, CultureInfo.InvariantCulture, out long time)) throw CsvFile.Wrong(file, reader, 0, "a Unix time in seconds");
            if (wantedTimes is not null && (times.Count >= wantedTimes.Length || wantedTimes[times.Count] != time))
                throw new UserException($"{file.FullName} line {reader.RowNumber + 1}: unix_time {time} is not that of the same line of cpu_pct");
            times.Add(time);
            for (int v = 0; v < vms.Length; v++)
            {
                ReadOnlySpan<char> text = reader.GetFieldSpan(v + 1);
                if (text.IsEmpty) values.Add(float.NaN);
                else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && double.IsFinite(value)) values.Add((float)(value * scale));
                else throw CsvFile.Wrong(file, reader, v + 1, "a number of 0 or more, or nothing,");
            }
        }
        return times.Count == 0 ? throw new UserException($"{file.FullName} has no rows") : ([.. times], [.. values]);
    }

    private static void CheckColumns(CsvDataReader reader, FileInfo file, string[] vms)
    {
        if (reader.FieldCount != vms.Length + 1) throw new UserException($"{file.FullName} has {reader.FieldCount} columns; unix_time and the {vms.Length} VMs of vms.csv are wanted");
        if (reader.GetName(0) != "unix_time") throw new UserException($"{file.FullName}: the first column is {reader.GetName(0)}; unix_time is wanted");
        for (int v = 0; v < vms.Length; v++)
            if (reader.GetName(v + 1) != vms[v]) throw new UserException($"{file.FullName} column {v + 2} is {reader.GetName(v + 1)}; vms.csv has {vms[v]} there");
    }

    private static int SlotLength(long[] times, DirectoryInfo folder)
    {
        if (times.Length < 2) throw new UserException($"{folder.FullName}: a trace of one slot has no length");
        long step = times[1] - times[0];
        for (int i = 1; i < times.Length; i++)
            if (step <= 0 || times[i] - times[i - 1] != step)
                throw new UserException($"{folder.FullName}: unix_time goes from {times[i - 1]} to {times[i]}; steps of {step} s are wanted (an empty slot is a row with empty fields)");
        return checked((int)(step * 1000));
    }

    private static double Number(CsvDataReader reader, FileInfo file, int column, double above) =>
        double.TryParse(reader.GetFieldSpan(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > above && double.IsFinite(value)
            ? value
            : throw CsvFile.Wrong(file, reader, column, $"a number above {above}");
}
