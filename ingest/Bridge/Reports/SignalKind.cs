namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>What an observation is about.</summary>
public enum SignalKind
{
    /// <summary>CPU in a state; instance: the CPU, empty where all are together.</summary>
    Cpu,
    Cores,

    /// <summary>Memory in a state, bytes.</summary>
    Memory,
    MemoryTotal,
    MemoryAvailable,

    /// <summary>Share in use.</summary>
    MemoryUsed,
    DiskRead,
    DiskWrite,
    NetworkReceive,
    NetworkTransmit,
    Load1m,
}
