namespace Pipeline.Schemas.Validation;

/// <summary>Checks invocations, dispatches and completions.</summary>
public static class FunctionValidator
{
    /// <summary>More memory than the largest VM that can be rented: 24 TiB.</summary>
    public const ulong MemoryBytesMax = 24UL << 40;

    public static string? Check(Invocation v, RecordContext context) =>
        Bounds.Name("id", v.Id)
        ?? Bounds.Name("function", v.Function)
        ?? (v.Function != context.Key ? $"function '{v.Function}' is not the record's key" : null)
        ?? Bounds.Name("tenant", v.Tenant)
        ?? Bounds.Time("time_unix_ms", v.TimeUnixMs, context.TimestampUnixMs)
        ?? (v.MemoryBytes > MemoryBytesMax || (v.MemoryBytes == 0 && !v.Cancel) ? $"memory_bytes is {v.MemoryBytes}; 1 to {MemoryBytesMax} is allowed" : null);

    public static string? Check(Dispatch v, RecordContext context) =>
        Bounds.Name("invocation_id", v.InvocationId)
        ?? Bounds.Name("function", v.Function)
        ?? Bounds.Name("tenant", v.Tenant)
        ?? (v.Outcome switch
        {
            Dispatch.Types.Outcome.Dispatched or Dispatch.Types.Outcome.Cancelled => Bounds.Name("vm", v.Vm),
            Dispatch.Types.Outcome.Rejected => Bounds.Name("reject_code", v.RejectCode),
            _ => $"outcome {v.Outcome} is unknown",
        });

    public static string? Check(Deferral v, RecordContext context) =>
        v.Invocation is null ? "invocation is missing"
        : v.Settled ? Bounds.Name("invocation.id", v.Invocation.Id)
        : Check(v.Invocation, context);

    public static string? Check(Completion v, RecordContext context) =>
        Bounds.Name("invocation_id", v.InvocationId)
        ?? Bounds.Name("function", v.Function)
        ?? Bounds.Name("vm", v.Vm)
        ?? Bounds.Time("time_unix_ms", v.TimeUnixMs, context.TimestampUnixMs)
        ?? Bounds.Range("wall_ms", v.WallMs, 0, double.MaxValue)
        ?? Bounds.Range("cpu_s", v.CpuS, 0, double.MaxValue)
        ?? (v.Outcome is Completion.Types.Outcome.Succeeded or Completion.Types.Outcome.Failed ? null : $"outcome {v.Outcome} is unknown");
}
