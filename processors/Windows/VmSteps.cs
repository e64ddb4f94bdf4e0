using Pipeline.Processors.History;
using Pipeline.Schemas;

namespace Pipeline.Processors.Windows;

/// <summary>A VM's step as it is published, and what of it goes into the history: the same when it is published and when it is restored.</summary>
internal static class VmSteps
{
    public static VmStep Write(VmState vm, StepWindow window)
    {
        VmStep step = new() { Vm = vm.Name, Cores = vm.Cores, MemoryBytes = vm.MemoryBytes, LastSequence = vm.LastSequence };
        (step.Late, step.RepeatedReports) = window.Rejected(vm);
        window[vm]?.WriteTo(step);
        return step;
    }

    public static void Apply(VmStep step, VmState vm, long number, CellHistory history)
    {
        history.Resize(vm.Slot, vm.Cores, vm.MemoryBytes);
        if (step.Reports == 0) return;
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
