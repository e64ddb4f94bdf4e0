using Pipeline.Schemas;

namespace Pipeline.Processors.Windows;

/// <summary>
/// A step that reports may still change.
/// <code>
///   open ──close──► closed ──report──► dirty ──next close──► closed (revision + 1) ──grace over──► final, forgotten
/// </code>
/// </summary>
internal sealed class OpenStep(long number, long firstOffset)
{
    private readonly SortedDictionary<string, StepAccumulator> vms = new(StringComparer.Ordinal);
    private readonly HashSet<string> heard = new(StringComparer.Ordinal);
    private HashSet<string>? expected;
    private int expectedHeard;

    public long Number { get; } = number;

    /// <summary>Offset of the first report in it.</summary>
    public long FirstOffset { get; } = firstOffset;

    public bool IsClosed { get; set; }

    public bool IsDirty { get; set; }

    public uint Revision { get; set; }

    /// <summary>VMs with a report, in ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, StepAccumulator> Vms => vms;

    /// <summary>Everybody who was there in the step before has been heard up to the end of this one.</summary>
    public bool IsComplete => expected is { Count: > 0 } && expectedHeard == expected.Count;

    /// <summary>Says who was there in the step before, once that is closed.</summary>
    public void Expect(IEnumerable<string> names)
    {
        expected = new HashSet<string>(names, StringComparer.Ordinal);
        expectedHeard = expected.Count(heard.Contains);
    }

    /// <summary>Counts a report; false for a repeat.</summary>
    public bool TryAdd(VmReport report)
    {
        if (!vms.TryGetValue(report.Vm, out StepAccumulator? vm)) vms[report.Vm] = vm = new StepAccumulator();
        return vm.TryAdd(report);
    }

    /// <summary>A VM has been heard up to the end of this step.</summary>
    public void Heard(string vm)
    {
        if (heard.Add(vm) && expected is not null && expected.Contains(vm)) expectedHeard++;
    }
}
