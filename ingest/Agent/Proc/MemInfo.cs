namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Memory of the machine, bytes: /proc/meminfo (proc_meminfo(5)).</summary>
public readonly record struct MemInfo(ulong TotalBytes, ulong AvailableBytes)
{
    /// <summary>Swap that there is; 0 where there is none.</summary>
    public ulong SwapBytes { get; init; }

    public ulong SwapFreeBytes { get; init; }

    /// <summary>Null when the text is not that of /proc/meminfo.</summary>
    public static MemInfo? Parse(ReadOnlySpan<char> meminfo)
    {
        ulong? total = null, available = null, free = null, swap = null, swapFree = null;
        ulong cache = 0;
        foreach (ReadOnlySpan<char> line in meminfo.EnumerateLines())
        {
            TextFields fields = new(line);
            ReadOnlySpan<char> name = fields.Next();
            ulong? bytes = fields.NextNumber() * 1024;
            switch (name)
            {
                case "MemTotal:": total = bytes; break;
                case "MemFree:": free = bytes; break;
                case "MemAvailable:": available = bytes; break;
                case "SwapTotal:": swap = bytes; break;
                case "SwapFree:": swapFree = bytes; break;
                case "Buffers:" or "Cached:": cache += bytes ?? 0; break;
            }
        }
        // Kernels before 3.14 do not estimate what is available.
        available ??= free + cache;
        return total is > 0 && available is not null
            ? new MemInfo(total.Value, Math.Min(available.Value, total.Value)) { SwapBytes = swap ?? 0, SwapFreeBytes = Math.Min(swapFree ?? 0, swap ?? 0) }
            : null;
    }
}
