namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>What an observation is about. The numbers stand in <see cref="Pipeline.Schemas.MachineObservation"/>.</summary>
public enum SignalKind
{
    /// <summary>CPU in a state; instance: the CPU, empty where all are together.</summary>
    Cpu = 0,
    Cores = 1,

    /// <summary>Memory in a state, bytes.</summary>
    Memory = 2,
    MemoryTotal = 3,
    MemoryAvailable = 4,

    /// <summary>Share in use.</summary>
    MemoryUsed = 5,
    DiskRead = 6,
    DiskWrite = 7,
    NetworkReceive = 8,
    NetworkTransmit = 9,
    Load1m = 10,
}
