namespace Pipeline.Infra.EmbeddedStore;

/// <summary>One row of an answer, its values by the names of the columns.</summary>
public sealed class StoreRow(IReadOnlyList<string> columns, object?[] values)
{
    public IReadOnlyList<string> Columns => columns;

    public object? this[int column] => values[column];

    /// <exception cref="KeyNotFoundException">There is no such column.</exception>
    public object? this[string column]
    {
        get
        {
            for (int i = 0; i < columns.Count; i++)
                if (columns[i] == column) return values[i];
            throw new KeyNotFoundException($"there is no column '{column}', but {string.Join(", ", columns)}");
        }
    }
}
