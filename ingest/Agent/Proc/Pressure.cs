namespace Pipeline.Ingest.Agent.Proc;

/// <summary>
/// Time that tasks have waited for a resource since boot, microseconds: /proc/pressure/* and *.pressure of a cgroup (the kernel's
/// Documentation/accounting/psi.rst).
/// </summary>
/// <param name="Some">At least one task waited.</param>
/// <param name="Full">All tasks did; null where the file does not tell.</param>
public readonly record struct Pressure(ulong Some, ulong? Full)
{
    /// <summary>Null when the text is not that of a pressure file, or pressure is switched off.</summary>
    public static Pressure? Parse(ReadOnlySpan<char> text)
    {
        ulong? some = null, full = null;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            int at = line.IndexOf("total=", StringComparison.Ordinal);
            if (at < 0) continue;
            ulong? total = new TextFields(line[(at + 6)..]).NextNumber();
            if (line.StartsWith("some ", StringComparison.Ordinal)) some = total;
            else if (line.StartsWith("full ", StringComparison.Ordinal)) full = total;
        }
        return some is { } waited ? new Pressure(waited, full) : null;
    }
}
