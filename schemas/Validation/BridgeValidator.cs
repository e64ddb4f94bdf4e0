namespace Pipeline.Schemas.Validation;

/// <summary>Checks what a bridge tells itself.</summary>
public static class BridgeValidator
{
    public static string? Check(BridgeProgress v, RecordContext context) =>
        int.TryParse(context.Key, out _) ? v.ReplayFrom >= 0 ? null : $"replay_from is {v.ReplayFrom}; 0 or more is allowed" : $"key '{context.Key}' is no partition";

    public static string? Check(MachinePoints v, RecordContext context) =>
        v.Observations.Count == 0 ? null
        : Bounds.Name("vm", v.Vm)
        ?? (v.Vm != context.Key ? $"vm '{v.Vm}' is not the record's key" : null)
        ?? Bounds.Name("cell", v.Cell)
        ?? (double.IsFinite(v.IntervalS) && v.IntervalS >= 0 ? null : $"interval_s is {v.IntervalS}; 0 or more is allowed");
}
