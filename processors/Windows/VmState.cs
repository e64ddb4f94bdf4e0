using Pipeline.Processors.Relations;
using Pipeline.Schemas;

namespace Pipeline.Processors.Windows;

/// <summary>What is remembered of a VM besides its steps. Steps are known by number: step end / step length.</summary>
internal sealed class VmState(string name, int slot)
{
    public string Name { get; } = name;

    /// <summary>Its place in the history and in every <see cref="StepWindow"/>.</summary>
    public int Slot { get; } = slot;

    public float Cores { get; private set; }

    public ulong MemoryBytes { get; private set; }

    /// <summary>Sequence number of the newest report.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>The first step that it is a row of.</summary>
    public long Joined { get; private set; } = long.MaxValue;

    /// <summary>The newest step in which anything was heard of it.</summary>
    public long Active { get; private set; } = long.MinValue;

    /// <summary>The newest step up to whose end it has reported.</summary>
    public long Reached { get; set; } = long.MinValue;

    /// <summary>It reported in the newest closed step, so it is expected in the next.</summary>
    public bool Expected { get; set; }

    /// <summary>What no step has published yet.</summary>
    public VmTally Tally;

    /// <summary>Which of its reports have arrived.</summary>
    public SequenceLedger Sequences { get; } = new();

    /// <summary>Smallest distance of a report since the step before to the cell's newest, ms; <see cref="long.MaxValue"/>: there was none.</summary>
    public long BehindMs { get; set; } = long.MaxValue;

    /// <summary>Hash of the host that its history is of; 0: not known.</summary>
    public ulong Host { get; private set; }

    /// <summary>What its newest steps tell of others.</summary>
    public VmRelations Relations { get; private set; } = new(0, 0, []);

    private long _relatedSince = long.MinValue;
    private long _heardAtMs = long.MinValue;
    private long _hostSince = long.MinValue;

    /// <summary>Takes size and sequence number of a report, unless a newer report told them.</summary>
    /// <returns>Whether sequence numbers have begun anew.</returns>
    public bool Hear(float cores, ulong memoryBytes, ulong sequence, long timeMs)
    {
        if (timeMs < _heardAtMs) return false;
        bool anew = sequence < LastSequence;
        (Cores, MemoryBytes, LastSequence, _heardAtMs) = (cores, memoryBytes, sequence, timeMs);
        return anew;
    }

    /// <summary>Gives out what there was since the step before, and begins anew.</summary>
    public VmTally TakeTally(long clockToleranceMs)
    {
        VmTally tally = Tally;
        if (BehindMs != long.MaxValue && BehindMs > clockToleranceMs) tally.BehindS = (uint)Math.Min(BehindMs / 1000, uint.MaxValue);
        (Tally, BehindMs) = (default, long.MaxValue);
        return tally;
    }

    /// <summary>Its step is of this host. True: of another one than its history until now, so another VM has got the name.</summary>
    public bool Rehost(ulong host, long step)
    {
        if (host == 0 || host == Host || step < _hostSince) return false;
        bool other = Host != 0;
        (Host, _hostSince) = (host, step);
        return other;
    }

    /// <summary>Another VM has got the name.</summary>
    public void Unrelate() => Relations = new VmRelations(0, 0, []);

    /// <summary>Takes what a step with reports tells of others: hypervisor and tenant where it names them, calls in any case.</summary>
    public void Relate(ulong hypervisor, ulong tenant, IReadOnlyList<CallRate> calls, long step)
    {
        if (step < _relatedSince) return;
        _relatedSince = step;
        Relations = new VmRelations(hypervisor != 0 ? hypervisor : Relations.Hypervisor, tenant != 0 ? tenant : Relations.Tenant, calls);
    }

    /// <summary>Something was heard of it that belongs to this step.</summary>
    public void Touch(long step)
    {
        Joined = Math.Min(Joined, step);
        Active = Math.Max(Active, step);
    }

    /// <summary>It is a row of this step, though nothing was heard of it.</summary>
    public void Join(long step) => Joined = Math.Min(Joined, step);
}
