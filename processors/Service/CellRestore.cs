using Pipeline.Processors.History;
using Pipeline.Processors.Snapshots;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>Takes a cell's published steps over, in the order in which they were published.</summary>
internal sealed class CellRestore(StepOptions options, CellHistory history, CellGraph graph, VmDirectory vms, CellWindows windows)
{
    private readonly HashSet<VmState> listed = [];

    public void Take(StepChunk chunk)
    {
        long step = chunk.StepEndUnixMs / options.StepMs;
        if (chunk.Revision == 0 && step > history.Newest)
        {
            history.Advance(step);
            if (graph.RefreshAt(history, step) is { } refresh) history.DropForgotten(refresh);
            listed.Clear();
            foreach (VmState vm in vms.Ordered) vm.Expected = false;
        }
        StepWindow window = windows.Restore(step, (int)chunk.Revision, chunk.PublishedAt, chunk.FinalUnixMs / options.StepMs);
        foreach (VmStep row in chunk.Vms) Take(row, step, window, first: chunk.Revision == 0);
        // Every VM that is known is a row of the newest step: who is not has left.
        if (chunk.Revision == 0 && chunk.Chunk + 1 == chunk.Chunks) vms.RemoveAll(vm => !listed.Contains(vm));
    }

    private void Take(VmStep row, long step, StepWindow window, bool first)
    {
        VmState vm = vms.GetOrAdd(row.Vm);
        // Older than any report, so that whatever is fed again tells the size anew.
        vm.Hear(row.Cores, row.MemoryBytes, row.LastSequence, long.MinValue);
        vm.Join(step);
        VmTally tally = VmSteps.TallyOf(row);
        if (row.Reports > 0 || tally != default) vm.Touch(step);
        window.SetTally(vm, tally);
        if (first)
        {
            vm.Sequences.Restore(row.Sequences);
            window.InTime(vm, row.Reports);
        }
        VmSteps.Apply(row, vm, step, history);
        if (!first) return;
        listed.Add(vm);
        vm.Expected = row.Reports > 0;
    }
}
