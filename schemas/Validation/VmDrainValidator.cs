namespace Pipeline.Schemas.Validation;

/// <summary>Checks which VMs are to be emptied.</summary>
public static class VmDrainValidator
{
    public const int ReasonMax = 1000;

    public static string? Check(VmDrain v, RecordContext context) =>
        Bounds.Name("vm", v.Vm)
        ?? (v.Vm != context.Key ? $"vm '{v.Vm}' is not the record's key" : null)
        ?? (v.Reason.Length > ReasonMax ? $"reason has {v.Reason.Length} characters; at most {ReasonMax} are allowed" : null);
}
