using Pipeline.Schemas;

namespace Pipeline.Local.Audit;

/// <summary>What agents sent and what became of it: every report is in one step, late, repeated, or a dead letter.</summary>
public sealed class FleetLedger
{
    private readonly HashSet<(string Vm, ulong Sequence)> reports = [];
    private readonly HashSet<(string Cell, long End, uint Revision, uint Chunk)> chunks = [];
    private readonly Dictionary<(string Cell, long End), uint> steps = [];
    private readonly SortedDictionary<string, SortedDictionary<long, VmStep>> vms = new(StringComparer.Ordinal);

    /// <summary>Reports in vm.metrics, repeats by an agent not counted.</summary>
    public long ReportsSeen => reports.Count;

    /// <summary>Reports counted into the newest revision of each step.</summary>
    public long ReportsCounted { get; private set; }

    public long Late { get; private set; }

    public long Repeated { get; private set; }

    /// <summary>Steps of cells, revisions not counted.</summary>
    public long Steps => steps.Count;

    /// <summary>Step chunks that stand in the topic more than once.</summary>
    public long DuplicateChunks { get; private set; }

    /// <summary>End of the newest step of any cell, Unix milliseconds; 0 before the first.</summary>
    public long NewestStepUnixMs { get; private set; }

    /// <summary>By VM, then by step end (Unix milliseconds): the newest revision.</summary>
    public IReadOnlyDictionary<string, SortedDictionary<long, VmStep>> Vms => vms;

    public void Add(VmReports value)
    {
        foreach (VmReport report in value.Reports) reports.Add((report.Vm, report.Sequence));
    }

    public void Add(StepChunk value)
    {
        if (!chunks.Add((value.Cell, value.StepEndUnixMs, value.Revision, value.Chunk)))
        {
            DuplicateChunks++;
            return;
        }
        steps[(value.Cell, value.StepEndUnixMs)] = value.Revision;
        NewestStepUnixMs = Math.Max(NewestStepUnixMs, value.StepEndUnixMs);
        foreach (VmStep step in value.Vms)
        {
            if (!vms.TryGetValue(step.Vm, out SortedDictionary<long, VmStep>? history)) vms[step.Vm] = history = [];
            history.TryGetValue(value.StepEndUnixMs, out VmStep? before);
            ReportsCounted += step.Reports - (before?.Reports ?? 0);
            Late += step.Late - (before?.Late ?? 0);
            Repeated += step.RepeatedReports - (before?.RepeatedReports ?? 0);
            history[value.StepEndUnixMs] = step;
        }
    }

    /// <summary>Cells and steps published so far.</summary>
    public bool Has(string cell, long stepEndUnixMs) => steps.ContainsKey((cell, stepEndUnixMs));
}
