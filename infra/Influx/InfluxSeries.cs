namespace Pipeline.Infra.Influx;

/// <summary>What the rows of one series have in common.</summary>
/// <param name="Name">The measurement.</param>
/// <param name="Tags">Of GROUP BY; empty where there is none.</param>
/// <param name="Columns">Names of the columns, in the order of a row's values.</param>
public sealed record InfluxSeries(string Name, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> Columns)
{
    /// <exception cref="KeyNotFoundException">There is no such column.</exception>
    internal int IndexOf(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
            if (Columns[i] == column) return i;
        throw new KeyNotFoundException($"'{Name}' has no column '{column}', but {string.Join(", ", Columns)}");
    }
}
