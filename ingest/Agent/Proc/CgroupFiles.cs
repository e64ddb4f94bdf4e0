using System.Globalization;

namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Files of a cgroup (the kernel's Documentation/admin-guide/cgroup-v2.rst).</summary>
public static class CgroupFiles
{
    /// <summary>Cores that cpu.max allows ("200000 100000" is 2); null for no limit ("max 100000").</summary>
    public static double? ParseCpuMax(ReadOnlySpan<char> text)
    {
        TextFields fields = new(text.Trim());
        return fields.NextNumber() is { } quota && fields.NextNumber() is > 0 and { } period ? (double)quota / period : null;
    }

    /// <summary>memory.max and memory.current: bytes; null for no limit ("max").</summary>
    public static ulong? ParseBytes(ReadOnlySpan<char> text) => ulong.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong bytes) ? bytes : null;

    /// <summary>A line "name value" of cpu.stat (usage_usec) or memory.stat (inactive_file); null where it is missing.</summary>
    public static ulong? ParseStat(ReadOnlySpan<char> text, string name)
    {
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            TextFields fields = new(line);
            if (fields.Next().SequenceEqual(name)) return fields.NextNumber();
        }
        return null;
    }
}
