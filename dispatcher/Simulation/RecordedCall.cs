namespace Pipeline.Dispatcher.Simulation;

/// <summary>A call as topics tell of it.</summary>
public sealed class RecordedCall
{
    public long ArrivalMs { get; set; }

    public string Function { get; set; } = "";

    public string Tenant { get; set; } = "";

    public long MemoryBytes { get; set; }

    /// <summary>When it ended well; null: it was rejected, failed, or nothing is known.</summary>
    public long? EndMs { get; set; }

    public bool Cold { get; set; }

    public string Vm { get; set; } = "";

    /// <summary>CPU seconds of a warm start.</summary>
    public double ServiceS { get; set; }

    /// <summary>CPU seconds used, cold start included.</summary>
    public double CpuS { get; set; }

    public double WallS { get; set; }
}
