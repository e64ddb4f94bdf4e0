namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Bytes and operations read and written by disk: /proc/diskstats (the kernel's Documentation/admin-guide/iostats.rst).</summary>
public static class DiskStats
{
    /// <summary>Sectors of this file have 512 bytes, whatever the disk's are.</summary>
    private const ulong SectorBytes = 512;

    /// <summary>Devices in memory, or made of other devices whose traffic would be counted twice.</summary>
    private static readonly string[] NotDisks = ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd", "drbd"];

    /// <summary>Whole disks only; a partition is a device whose name is that of another and a number.</summary>
    public static Dictionary<string, DeviceCounters> Parse(ReadOnlySpan<char> diskstats)
    {
        Dictionary<string, DeviceCounters> devices = new(StringComparer.Ordinal);
        foreach (ReadOnlySpan<char> line in diskstats.EnumerateLines())
        {
            TextFields fields = new(line);
            fields.Skip(2);
            string name = fields.Next().ToString();
            if (name.Length == 0 || !IsDisk(name)) continue;
            ulong? reads = fields.NextNumber();
            fields.Skip(1);
            ulong? read = fields.NextNumber();
            fields.Skip(1);
            ulong? writes = fields.NextNumber();
            fields.Skip(1);
            // Partitions of kernels before 2.6.25 have fewer fields.
            if (read is { } sectorsRead && fields.NextNumber() is { } sectorsWritten)
                devices[name] = new DeviceCounters(new Transferred(sectorsRead * SectorBytes, sectorsWritten * SectorBytes), new Transferred(reads ?? 0, writes ?? 0));
        }
        foreach (string name in devices.Keys.Where(n => ParentOf(n) is { } disk && devices.ContainsKey(disk)).ToArray()) devices.Remove(name);
        return devices;
    }

    /// <summary>Whether a device of this name may be a disk or a partition of one.</summary>
    internal static bool IsDisk(string name) => !Array.Exists(NotDisks, p => name.StartsWith(p, StringComparison.Ordinal));

    /// <summary>sda1 is of sda, nvme0n1p2 of nvme0n1; null for a name without a number.</summary>
    internal static string? ParentOf(string name)
    {
        string disk = name.TrimEnd("0123456789".ToCharArray());
        if (disk.Length == name.Length) return null;
        return disk.Length > 1 && disk[^1] == 'p' && char.IsAsciiDigit(disk[^2]) ? disk[..^1] : disk;
    }
}
