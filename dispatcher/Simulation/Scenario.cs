using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Everything random of a run, drawn beforehand: all policies and signals meet the same VMs, the same load and the same calls.</summary>
public sealed record Scenario
{
    public required int Seed { get; init; }

    public required IReadOnlyList<string> Vms { get; init; }

    public required double[] Cores { get; init; }

    public required long[] MemoryBytes { get; init; }

    /// <summary>Own utilisation [slot, VM], 0..1; the run starts with slot <see cref="FirstSlot"/>, what is before it is history.</summary>
    public required double[] OwnLoad { get; init; }

    public required int FirstSlot { get; init; }

    public required double SlotS { get; init; }

    public required IReadOnlyList<TracedFunction> Functions { get; init; }

    /// <summary>In order of arrival.</summary>
    public required SimulatedCall[] Calls { get; init; }

    public required double DurationS { get; init; }

    /// <summary>Pieces that a slot's load comes in.</summary>
    public int PiecesPerSlot { get; init; } = 1;

    /// <summary>Own utilisation in each piece of the run, by VM: [piece]; empty: the slots' means.</summary>
    public float[][] PieceLoad { get; init; } = [];

    /// <summary>Where the run starts in its trace, and the trace's row of each VM; empty: its VMs do not stand in a trace as they are.</summary>
    public int TraceSlot { get; init; }

    public int[] TraceRows { get; init; } = [];

    /// <summary>Which of a VM's reports arrive.</summary>
    public ReportPlan Reports { get; init; } = ReportPlan.AllArrive;

    /// <summary>In order of time.</summary>
    public IReadOnlyList<Outage> Outages { get; init; } = [];

    /// <summary>The tenant that bursts; null: none.</summary>
    public string? BurstTenant { get; init; }

    /// <summary>Each tenant's share of the work, its burst left out: what it weighs where calls wait for their turn. Empty: all weigh the same.</summary>
    public IReadOnlyDictionary<string, double> TenantShares { get; init; } = new Dictionary<string, double>();

    /// <summary>Seconds between two changes of the own load.</summary>
    public double PieceS => SlotS / PiecesPerSlot;

    /// <summary>Slots of the run.</summary>
    public int SlotCount => (OwnLoad.Length / Vms.Count) - FirstSlot;

    /// <summary>Share of a span (seconds after the start) that a VM is there.</summary>
    public double UpShare(int vm, double fromS, double toS)
    {
        if (Outages.Count == 0) return 1;
        double upS = 0, sinceS = fromS;
        bool up = true;
        foreach (Outage outage in Outages.Where(o => o.Vm == vm && o.TimeS < toS))
        {
            if (up && outage.TimeS > sinceS) upS += outage.TimeS - sinceS;
            (up, sinceS) = (outage.Up, Math.Max(fromS, outage.TimeS));
        }
        return (up ? upS + toS - sinceS : upS) / (toS - fromS);
    }

    /// <summary>Own utilisation in a slot counted from the start of the run; beyond the last one the last holds.</summary>
    public double OwnLoadAt(int slot, int vm) => OwnLoad[(Math.Clamp(FirstSlot + slot, 0, (OwnLoad.Length / Vms.Count) - 1) * Vms.Count) + vm];

    /// <summary>Own utilisation in a piece counted from the start of the run.</summary>
    public double PieceLoadAt(int piece, int vm) =>
        PieceLoad.Length == 0 || piece < 0 ? OwnLoadAt((int)Math.Floor((double)piece / PiecesPerSlot), vm) : PieceLoad[vm][Math.Min(piece, PieceLoad[vm].Length - 1)];

    /// <summary>Mean own utilisation between two times, seconds after the start (whole pieces).</summary>
    public double MeanLoad(double fromS, double toS, int vm)
    {
        int first = (int)Math.Round(fromS / PieceS), end = Math.Max(first + 1, (int)Math.Round(toS / PieceS));
        double sum = 0;
        for (int piece = first; piece < end; piece++) sum += PieceLoadAt(piece, vm);
        return sum / (end - first);
    }
}
