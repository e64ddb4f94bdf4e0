using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// What topics tell of a span of time: the VMs' own load step by step, every call and what became of it. Messages may come in any order; what
/// lies outside of the span is passed over.
/// </summary>
public sealed class Recording(long fromMs, long toMs)
{
    /// <summary>Ten million calls are about 2 GB; a longer span has to be cut.</summary>
    public const int CallsMax = 10_000_000;

    private readonly Dictionary<string, RecordedCall> calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RecordedVm> vms = new(StringComparer.Ordinal);
    private long stepMs;

    /// <summary>Calls known.</summary>
    public int Calls => calls.Count;

    /// <summary>Calls with a completion.</summary>
    public int Completed => calls.Values.Count(c => c.EndMs is not null);

    /// <summary>VMs known.</summary>
    public int Vms => vms.Count;

    public void Read(Invocation value)
    {
        if (value.TimeUnixMs < fromMs || value.TimeUnixMs >= toMs) return;
        if (calls.Count >= CallsMax) throw new UserException($"the span holds more than {CallsMax:N0} calls; give a shorter one with --from and --to");
        RecordedCall call = Of(value.Id);
        (call.ArrivalMs, call.Function, call.Tenant, call.MemoryBytes) = (value.TimeUnixMs, value.Function, value.Tenant, (long)Math.Min(value.MemoryBytes, long.MaxValue));
    }

    public void Read(Completion value)
    {
        if (value.TimeUnixMs < fromMs || !calls.TryGetValue(value.InvocationId, out RecordedCall? call)) return;
        if (value.Outcome != Completion.Types.Outcome.Succeeded) return;
        double warm = value.WallMs > 0 ? Math.Clamp(1 - (value.ColdStart ? value.ColdStartMs / value.WallMs : 0), 0, 1) : 1;
        (call.EndMs, call.Cold, call.Vm, call.CpuS, call.WallS) = (value.TimeUnixMs, value.ColdStart, value.Vm, value.CpuS, value.WallMs / 1000);
        // Without CPU time the wall time has to do: too long by what the call waited for cores.
        call.ServiceS = warm * (value.CpuS > 0 ? value.CpuS : value.WallMs / 1000);
    }

    public void Read(StepChunk value)
    {
        // An hour before, for signals that look back.
        if (value.StepEndUnixMs <= fromMs - SignalFeed.HistoryMs || value.StepEndUnixMs > toMs + value.StepMs) return;
        stepMs = value.StepMs;
        foreach (VmStep step in value.Vms)
        {
            if (!vms.TryGetValue(step.Vm, out RecordedVm? vm)) vms[step.Vm] = vm = new RecordedVm();
            if (step.Cores > 0) (vm.Cores, vm.MemoryBytes) = (step.Cores, step.MemoryBytes);
            if (step.Reports == 0 || step.Own is not { HasCpuUtilization: true } own) continue;
            vm.Cpu[value.StepEndUnixMs] = own.CpuUtilization;
            if (own.HasMemoryUtilization) vm.Memory[value.StepEndUnixMs] = own.MemoryUtilization;
        }
    }

    /// <summary>The recorded fleet as a trace, its slots the steps.</summary>
    /// <exception cref="UserException">There is nothing to replay.</exception>
    public FleetTrace Fleet()
    {
        KeyValuePair<string, RecordedVm>[] known = [.. vms.Where(v => v.Value.Cores > 0 && v.Value.Cpu.Count > 0).OrderBy(v => v.Key, StringComparer.Ordinal)];
        if (known.Length == 0 || stepMs == 0) throw new UserException($"{Topics.VmSteps.Name} tells of no VM's load in the span that was asked for");
        long first = known.Min(v => v.Value.Cpu.Keys.Min()), last = known.Max(v => v.Value.Cpu.Keys.Max());
        int slots = (int)((last - first) / stepMs) + 1;
        return new FleetTrace
        {
            Vms = [.. known.Select(v => v.Key)],
            Cores = [.. known.Select(v => v.Value.Cores)],
            MemoryBytes = [.. known.Select(v => v.Value.MemoryBytes)],
            StartUnixMs = first - stepMs,
            SlotMs = (int)stepMs,
            SlotCount = slots,
            Cpu = Table(v => v.Cpu),
            Memory = Table(v => v.Memory),
        };

        float[] Table(Func<RecordedVm, Dictionary<long, float>> read)
        {
            float[] table = new float[slots * known.Length];
            Array.Fill(table, float.NaN);
            for (int v = 0; v < known.Length; v++)
                foreach ((long end, float value) in read(known[v].Value)) table[((int)((end - first) / stepMs) * known.Length) + v] = value;
            return table;
        }
    }

    /// <summary>All calls with a known arrival, in order of it.</summary>
    public IReadOnlyList<RecordedCall> InOrder() => [.. calls.OrderBy(c => c.Value.ArrivalMs).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Value)];

    private RecordedCall Of(string id)
    {
        if (!calls.TryGetValue(id, out RecordedCall? call)) calls[id] = call = new RecordedCall();
        return call;
    }

    private sealed class RecordedVm
    {
        public float Cores { get; set; }

        public ulong MemoryBytes { get; set; }

        public Dictionary<long, float> Cpu { get; } = [];

        public Dictionary<long, float> Memory { get; } = [];
    }
}
