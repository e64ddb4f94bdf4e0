namespace Pipeline.Schemas.Validation;

/// <summary>Checks what is said to agents and about them.</summary>
public static class AgentValidator
{
    /// <summary>A key a month for years.</summary>
    public const int KeysMax = 100;

    public static string? Check(CellKeys v, RecordContext context) =>
        Bounds.Name("cell", v.Cell)
        ?? (v.Cell != context.Key ? $"cell '{v.Cell}' is not the record's key" : null)
        ?? (v.RequiredFromUnixMs < 0 ? $"required_from_unix_ms is {v.RequiredFromUnixMs}; 0 or later is allowed" : null)
        ?? (v.ReplayWindowMs < 0 ? $"replay_window_ms is {v.ReplayWindowMs}; 0 or more is allowed" : null)
        ?? (v.Keys.Count > KeysMax ? $"{v.Keys.Count} keys; at most {KeysMax} are allowed" : null)
        ?? (v.Keys.Select(k => k.Id).Distinct(StringComparer.Ordinal).Count() < v.Keys.Count ? "a key is named twice" : null)
        ?? v.Keys.Select(k => Bounds.Name("keys.id", k.Id)).FirstOrDefault(wrong => wrong is not null);

    public static string? Check(ReportingCommand v, RecordContext context) =>
        Bounds.Name("vm", v.Vm) ?? (v.Vm != context.Key ? $"vm '{v.Vm}' is not the record's key" : null);
}
