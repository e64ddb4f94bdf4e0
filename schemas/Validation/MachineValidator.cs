using Google.Protobuf.Reflection;

namespace Pipeline.Schemas.Validation;

/// <summary>
/// Checks what a machine tells besides its load. The processors do not: windows make nothing of it, and reading it would make every report
/// dearer. Whoever uses it checks it.
/// </summary>
public static class MachineValidator
{
    /// <summary>Shares of a whole. Seconds throttled per second are of all cores and may exceed 1.</summary>
    private static readonly HashSet<int> Shares =
    [
        MachineDetail.CpuUserFieldNumber, MachineDetail.CpuNiceFieldNumber, MachineDetail.CpuSystemFieldNumber, MachineDetail.CpuInterruptFieldNumber,
        MachineDetail.CorePeakFieldNumber, MachineDetail.CpuThrottledPeriodsFieldNumber, MachineDetail.PressureCpuSomeFieldNumber,
        MachineDetail.PressureMemorySomeFieldNumber, MachineDetail.PressureMemoryFullFieldNumber, MachineDetail.PressureIoSomeFieldNumber,
        MachineDetail.PressureIoFullFieldNumber, MachineDetail.SwapUtilizationFieldNumber,
    ];

    /// <summary>What is wrong, or null.</summary>
    public static string? Check(MachineDetail detail)
    {
        foreach (FieldDescriptor field in MachineDetail.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.FieldType != FieldType.Float || !field.Accessor.HasValue(detail)) continue;
            float value = (float)field.Accessor.GetValue(detail);
            if (Bounds.Range("machine." + field.Name, value, 0, Shares.Contains(field.FieldNumber) ? 1 : float.MaxValue) is { } wrong) return wrong;
        }
        return null;
    }
}
