using System.Runtime.CompilerServices;
using Google.Protobuf;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Agent;

/// <summary>Reports of one machine, interval by interval. Who sends them numbers them.</summary>
public sealed class MachineAgent(AgentOptions options, MachineReader reader, TimeProvider time)
{
    /// <summary>A report at the end of each interval, until it is cancelled. A reader that is late gets longer intervals, never overlapping ones.</summary>
    public async IAsyncEnumerable<VmReport> ReportsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        IntervalMeter meter = new(reader.Read(last: true));
        using PeriodicTimer timer = new(options.Interval / options.Samples, time);
        while (true)
        {
            for (int i = 1; i <= options.Samples; i++)
            {
                await timer.WaitForNextTickAsync(cancel);
                meter.Add(reader.Read(last: i == options.Samples));
            }
            yield return Report(meter.Take());
        }
    }

    private VmReport Report(Measurement m) => new()
    {
        Vm = options.Vm,
        Cell = options.Cell,
        HostId = options.HostId,
        Hypervisor = options.Hypervisor,
        Tenant = options.Tenant,
        TimeUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        IntervalMs = (uint)Math.Clamp(Math.Round(m.Length.TotalMilliseconds), Bounds.IntervalMsMin, Bounds.IntervalMsMax),
        Cores = (float)m.Cores,
        MemoryBytes = m.MemoryBytes,
        Own = m.Own,
        Functions = m.Functions,
        Machine = m.Machine.ToByteString(),
    };
}
