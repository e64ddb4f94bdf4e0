namespace Pipeline.Infra.Influx;

/// <summary>Columns that the following rows of a Flux answer have. A new one comes wherever the columns change.</summary>
public sealed record FluxTable(IReadOnlyList<FluxColumn> Columns)
{
    /// <summary>An error after the head of the answer is sent comes as a table of these two columns.</summary>
    internal bool IsError => Columns.Count == 2 && Columns[0].Name == "error" && Columns[1].Name == "reference";

    /// <exception cref="KeyNotFoundException">There is no such column.</exception>
    internal int IndexOf(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
            if (Columns[i].Name == column) return i;
        throw new KeyNotFoundException($"the Flux table has no column '{column}', but {string.Join(", ", Columns.Select(c => c.Name))}");
    }
}
