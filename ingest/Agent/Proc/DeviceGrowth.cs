namespace Pipeline.Ingest.Agent.Proc;

/// <summary>How far the counters of all devices have grown; fields as in <see cref="DeviceCounters"/>.</summary>
public record struct DeviceGrowth
{
    public double BytesIn { get; set; }

    public double BytesOut { get; set; }

    public double OperationsIn { get; set; }

    public double OperationsOut { get; set; }

    public double Dropped { get; set; }

    public double Errors { get; set; }
}
