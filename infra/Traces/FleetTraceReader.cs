using Pipeline.Infra.CommandLine;

namespace Pipeline.Infra.Traces;

/// <summary>Reads the files of one fleet trace and sees to it that they fit together.</summary>
internal sealed class FleetTraceReader(DirectoryInfo folder)
{
    private const string TimeColumn = "unix_time";

    private const double Percent = .01;

    /// <summary>VMware's counters, where such traces come from, mean 1,024 bytes by KB.</summary>
    private const double Kilobyte = 1024;

    /// <summary>A hypervisor lends more than was provisioned; what is beyond ten times is a mistake in the unit.</summary>
    private const double PercentMax = 1000;

    /// <summary>1 TB/s: no VM does more.</summary>
    private const double KilobytesMax = 1e9;

    /// <summary>1 day: a report cannot be for longer.</summary>
    private const long SlotSecondsMax = Schemas.Validation.Bounds.IntervalMsMax / 1000;

    private readonly List<string> names = [];
    private readonly List<float> cores = [];
    private readonly List<ulong> memory = [];
    private readonly List<long> times = [];

    public FleetTrace Read()
    {
        if (!folder.Exists) throw new UserException($"trace folder {folder.FullName} does not exist");
        ReadVms();
        float[] cpu;
        using (CsvSource file = CsvSource.Open(folder, "cpu_pct")) cpu = ReadMetric(file, Percent, PercentMax);
        return new FleetTrace
        {
            Vms = names,
            Cores = [.. cores],
            MemoryBytes = [.. memory],
            StartUnixMs = times[0] * 1000,
            SlotMs = (int)(times[1] - times[0]) * 1000,
            SlotCount = times.Count,
            Cpu = cpu,
            Memory = Optional("mem_pct", Percent, PercentMax),
            DiskRead = Optional("disk_read_kbs", Kilobyte, KilobytesMax),
            DiskWrite = Optional("disk_write_kbs", Kilobyte, KilobytesMax),
            NetworkReceive = Optional("net_rx_kbs", Kilobyte, KilobytesMax),
            NetworkTransmit = Optional("net_tx_kbs", Kilobyte, KilobytesMax),
        };

        float[]? Optional(string name, double unit, double max)
        {
            using CsvSource? file = CsvSource.TryOpen(folder, name);
            return file is null ? null : ReadMetric(file, unit, max);
        }
    }

    private void ReadVms()
    {
        using CsvSource file = CsvSource.Open(folder, "vms");
        int name = file.Column("vm"), core = file.Column("cores"), megabytes = file.Column("mem_capacity_mb");
        HashSet<string> seen = new(StringComparer.Ordinal);
        while (file.Read())
        {
            names.Add(file.Text(name));
            cores.Add((float)file.Number(core, .001, Schemas.Validation.Bounds.CoresMax));
            memory.Add((ulong)(file.Number(megabytes, 0, 1e9) * 1024 * 1024));
            if (!seen.Add(names[^1])) throw file.Error(name, $"'{names[^1]}' was there before; a VM has one line");
        }
        if (names.Count == 0) throw new UserException($"{file.File.FullName} has no VM");
    }

    private float[] ReadMetric(CsvSource file, double unit, double max)
    {
        CheckHeader(file);
        bool first = times.Count == 0;
        int vms = names.Count, slots = 0;
        // Grown as rows come: only the first file's length is unknown.
        float[] values = new float[Math.Max(times.Count, 1024) * vms];
        for (; file.Read(); slots++)
        {
            CheckTime(file, slots, first);
            if (values.Length < (slots + 1) * vms) Array.Resize(ref values, 2 * values.Length);
            Span<float> row = values.AsSpan(slots * vms, vms);
            for (int vm = 0; vm < row.Length; vm++)
                row[vm] = file.Field(vm + 1).IsEmpty ? float.NaN : (float)(file.Number(vm + 1, 0, max) * unit);
        }
        if (slots != times.Count) throw new UserException($"{file.File.FullName} has {slots} rows, cpu_pct has {times.Count}; every metric needs the same slots");
        if (slots < 2) throw new UserException($"{file.File.FullName} has {slots} rows; at least two are needed to know how long a slot is");
        Array.Resize(ref values, slots * vms);
        return values;
    }

    private void CheckHeader(CsvSource file)
    {
        IReadOnlyList<string> header = file.Header;
        if (header[0] != TimeColumn) throw file.Error($"the first column is '{header[0]}'; it has to be {TimeColumn}");
        if (header.Count - 1 != names.Count) throw file.Error($"{header.Count - 1} VMs; vms.csv has {names.Count}");
        for (int i = 0; i < names.Count; i++)
            if (header[i + 1] != names[i]) throw file.Error($"column {i + 2} is '{header[i + 1]}', vms.csv has '{names[i]}' there; put the columns into the order of vms.csv");
    }

    private void CheckTime(CsvSource file, int slot, bool first)
    {
        long time = file.Integer(0, 0, long.MaxValue / 1000);
        if (first)
        {
            times.Add(time);
            if (slot == 1 && time <= times[0]) throw file.Error(0, $"{time} does not come after {times[0]}; rows have to be in order of time");
            if (slot == 1 && time - times[0] > SlotSecondsMax) throw file.Error(0, $"{time} is {time - times[0]} s after the row before; slots of at most {SlotSecondsMax} s are read");
            if (slot > 1 && time - times[slot - 1] != times[1] - times[0])
                throw file.Error(0, $"{time} is not {times[1] - times[0]} s after the row before; write a slot without data as a row of empty fields");
        }
        else if (slot >= times.Count || times[slot] != time)
        {
            throw file.Error(0, $"{time} is not the time of this row in cpu_pct; every metric needs the same slots");
        }
    }
}
