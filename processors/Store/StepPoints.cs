using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>vm.steps to <c>vm_step</c>: one point per VM and step, at the step's end. A revision overwrites.</summary>
public static class StepPoints
{
    public static void Map(StepChunk chunk, ICollection<Point> into)
    {
        long time = EventTime.Ns(chunk.StepEndUnixMs);
        foreach (VmStep step in chunk.Vms)
            into.Add(new Point("vm_step", [new Tag("cell", chunk.Cell), new Tag("vm", step.Vm)], Fields(step), time));
    }

    private static Field[] Fields(VmStep step)
    {
        List<Field> fields = new(20)
        {
            new Field("reports", (long)step.Reports),
            new Field("cores", (double)step.Cores),
            new Field("memory_bytes", (long)step.MemoryBytes),
            new Field("late", (long)step.Late),
            new Field("repeated", (long)step.RepeatedReports),
        };
        if (step.Own is { } own) Add(fields, own, step.Cores);
        if (step.Functions is { } functions)
        {
            fields.Add(new Field("functions_cpu", (double)functions.CpuUtilization));
            fields.Add(new Field("functions_memory_bytes", (long)functions.MemoryBytes));
        }
        return [.. fields];
    }

    private static void Add(List<Field> fields, Signals own, float cores)
    {
        if (own.HasCpuUtilization)
        {
            fields.Add(new Field("cpu", (double)own.CpuUtilization));
            fields.Add(new Field("free_cores", FreeCores(cores, own.CpuUtilization)));
        }
        if (own.HasCpuUtilizationPeak) fields.Add(new Field("cpu_peak", (double)own.CpuUtilizationPeak));
        if (own.HasCpuSteal) fields.Add(new Field("cpu_steal", (double)own.CpuSteal));
        if (own.HasMemoryUtilization) fields.Add(new Field("memory", (double)own.MemoryUtilization));
        if (own.HasDiskRead) fields.Add(new Field("disk_read", (double)own.DiskRead));
        if (own.HasDiskWrite) fields.Add(new Field("disk_write", (double)own.DiskWrite));
        if (own.HasNetworkReceive) fields.Add(new Field("network_receive", (double)own.NetworkReceive));
        if (own.HasNetworkTransmit) fields.Add(new Field("network_transmit", (double)own.NetworkTransmit));
        if (own.HasLoad1M) fields.Add(new Field("load_1m", (double)own.Load1M));
    }

    /// <summary>A VM that uses more than its cores has none free.</summary>
    private static double FreeCores(float cores, float utilization) => cores * Math.Max(0, 1 - (double)utilization);
}
