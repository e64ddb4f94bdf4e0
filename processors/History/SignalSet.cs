namespace Pipeline.Processors.History;

/// <summary>The signals of a window, in order, and how they are scaled so that a float16 holds them.</summary>
public static class SignalSet
{
    /// <summary>Number of signals F.</summary>
    public const int Count = 6;

    /// <summary>Column of own CPU utilisation.</summary>
    public const int Cpu = 0;

    /// <summary>Bytes in the unit of rates: with it, an idle VM's chatter stays near 0.</summary>
    private const float RateUnit = 1000f;

    /// <summary>
    /// Names in column order. Utilisations are shares as reported; rates are ln(1 + kB/s), kB = 1000 bytes, because plain
    /// bytes per second do not fit into a float16 (at most 65,504).
    /// </summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "cpu_utilization", "memory_utilization",
        "log_disk_read", "log_disk_write", "log_network_receive", "log_network_transmit",
    ];

    /// <summary>Scales one VM's step into the columns of a window; NaN stays NaN.</summary>
    public static void Scale(in StepValues values, Span<float> columns)
    {
        columns[0] = values.Cpu;
        columns[1] = values.Memory;
        columns[2] = Rate(values.DiskRead);
        columns[3] = Rate(values.DiskWrite);
        columns[4] = Rate(values.NetworkReceive);
        columns[5] = Rate(values.NetworkTransmit);
    }

    private static float Rate(float bytesPerSecond) => MathF.Log(1f + MathF.Max(bytesPerSecond, 0f) / RateUnit);
}
