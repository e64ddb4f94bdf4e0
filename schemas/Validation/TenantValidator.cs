namespace Pipeline.Schemas.Validation;

/// <summary>Checks what tenants are granted.</summary>
public static class TenantValidator
{
    /// <summary>Name of the record that holds for all who have none.</summary>
    public const string Everyone = "*";

    /// <summary>A day: who waits longer is better told to come again.</summary>
    public const uint DelayMsMax = 24 * 3600 * 1000;

    public const uint WaitingMax = 100_000;

    public static string? Check(Tenant v, RecordContext context) =>
        Bounds.Name("name", v.Name)
        ?? (v.Name != context.Key ? $"name '{v.Name}' is not the record's key" : null)
        ?? (v.Concurrency > int.MaxValue ? $"concurrency is {v.Concurrency}; 0 (no limit) to {int.MaxValue} is allowed" : null)
        ?? Bounds.Range("cores", v.Cores, 0, 1e6)
        ?? Bounds.Range("rate_per_s", v.RatePerS, 0, 1e6)
        ?? Bounds.Range("burst", v.Burst, 0, 1e6)
        ?? (v.HasWeight ? Bounds.Range("weight", v.Weight, .001, 1000) : null)
        ?? (v.DelayMs > DelayMsMax ? $"delay_ms is {v.DelayMs}; 0 to {DelayMsMax} is allowed" : null)
        ?? (v.Waiting > WaitingMax ? $"waiting is {v.Waiting}; 0 to {WaitingMax} is allowed" : null)
        ?? Bounds.Range("calls_per_core", v.CallsPerCore, 0, 1000)
        ?? (v.CallsPerCore > 0 && v.Name != Everyone ? $"calls_per_core is of the whole fleet: it belongs to '{Everyone}', not to '{v.Name}'" : null);
}
