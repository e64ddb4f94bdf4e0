using Pipeline.Processors.History;
using Pipeline.Schemas;

namespace Pipeline.Processors.Windows;

/// <summary>A VM's step as it is published, and what of it goes into the history: the same when it is published and when it is restored.</summary>
internal static class VmSteps
{
    public static VmStep Write(VmState vm, StepWindow window, int stepMs)
    {
        VmStep step = new() { Vm = vm.Name, Cores = vm.Cores, MemoryBytes = vm.MemoryBytes, LastSequence = vm.LastSequence };
        VmTally tally = window.TallyOf(vm);
        (step.Late, step.RepeatedReports, step.Quarantined, step.Restarts, step.BehindS) = (tally.Late, tally.Repeated, tally.Quarantined, tally.Restarts, tally.BehindS);
        (step.Missing, step.Recovered) = (tally.Missing, tally.Recovered);
        window[vm]?.WriteTo(step, stepMs);
        if (window.Revision == 0) step.Sequences = vm.Sequences.Write();
        step.Revised = step.Reports - window.InTime(vm, step.Reports);
        return step;
    }

    public static VmTally TallyOf(VmStep step) => new()
    {
        Late = step.Late,
        Repeated = step.RepeatedReports,
        Quarantined = step.Quarantined,
        Restarts = step.Restarts,
        BehindS = step.BehindS,
        Missing = step.Missing,
        Recovered = step.Recovered,
    };

    public static void Apply(VmStep step, VmState vm, long number, CellHistory history)
    {
        history.Resize(vm.Slot, vm.Cores, vm.MemoryBytes);
        if (step.Reports == 0) return;
        if (vm.Rehost(step.Host, number))
        {
            history.Forget(vm.Slot);
            vm.Unrelate();
        }
        vm.Relate(step.Hypervisor, step.Tenant, step.Calls, number);
        Signals own = step.Own;
        history.Set(vm.Slot, number, new StepValues(
            own.HasCpuUtilization ? own.CpuUtilization : float.NaN,
            own.HasMemoryUtilization ? own.MemoryUtilization : float.NaN,
            own.HasDiskRead ? own.DiskRead : float.NaN,
            own.HasDiskWrite ? own.DiskWrite : float.NaN,
            own.HasNetworkReceive ? own.NetworkReceive : float.NaN,
            own.HasNetworkTransmit ? own.NetworkTransmit : float.NaN));
    }
}
