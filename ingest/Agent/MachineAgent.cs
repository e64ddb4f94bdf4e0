using System.Runtime.CompilerServices;
using Google.Protobuf;
using Pipeline.Ingest.Agent.Cadence;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Agent;

/// <summary>Reports of one machine, interval by interval. Who sends them numbers them.</summary>
/// <param name="options">Which machine, how often.</param>
/// <param name="reader">Takes the samples.</param>
/// <param name="time">The clock.</param>
/// <param name="close">Whether somebody wants every interval; null: nobody can ask.</param>
public sealed class MachineAgent(AgentOptions options, MachineReader reader, TimeProvider time, CloseWatch? close = null)
{
    /// <summary>A report at the end of each interval, until it is cancelled. A reader that is late gets longer intervals, never overlapping ones.</summary>
    public async IAsyncEnumerable<VmReport> ReportsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        Sample first = reader.Read(last: true);
        IntervalMeter held = new(first), part = new(first);
        ReportCadence cadence = new(options.Cadence);
        List<Sample> samples = new(options.Samples);
        long end = Now();
        using PeriodicTimer timer = new(options.Interval / options.Samples, time);
        while (true)
        {
            for (int i = 1; i <= options.Samples; i++)
            {
                await timer.WaitForNextTickAsync(cancel);
                samples.Add(reader.Read(last: i == options.Samples));
                part.Add(samples[^1]);
            }
            CadenceDecision decision = cadence.End(part.Take().Own is { HasCpuUtilization: true } own ? own.CpuUtilization : null, close?.IsOn ?? false);
            if (decision == CadenceDecision.ReportHeldThenPart) yield return Report(held.Take(), end);
            foreach (Sample sample in samples) held.Add(sample);
            samples.Clear();
            end = Now();
            if (decision != CadenceDecision.Hold) yield return Report(held.Take(), end);
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private VmReport Report(Measurement m, long endUnixMs) => new()
    {
        Vm = options.Vm,
        Cell = options.Cell,
        HostId = options.HostId,
        Hypervisor = options.Hypervisor,
        Tenant = options.Tenant,
        TimeUnixMs = endUnixMs,
        IntervalMs = (uint)Math.Clamp(Math.Round(m.Length.TotalMilliseconds), Bounds.IntervalMsMin, Bounds.IntervalMsMax),
        Cores = (float)m.Cores,
        MemoryBytes = m.MemoryBytes,
        Own = m.Own,
        Functions = m.Functions,
        Machine = m.Machine.ToByteString(),
        Agent = options.Cadence.PartsMax == 1
            ? ByteString.Empty
            : new AgentState { IntervalMinMs = (uint)options.Interval.TotalMilliseconds, IntervalMaxMs = (uint)Math.Min(options.Interval.TotalMilliseconds * options.Cadence.PartsMax, Bounds.IntervalMsMax) }.ToByteString(),
    };
}
