using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.EmbeddedStore;

/// <summary>The columns of a measurement's table, in order, without the time. Grows as points bring new tags and fields; pure.</summary>
internal sealed class TableLayout(string measurement)
{
    /// <summary>Far more than a measurement has: a sender that puts data into names is stopped here.</summary>
    public const int ColumnsMax = 500;

    public const string TimeColumn = "time";

    // DuckDB's names ignore case.
    private readonly Dictionary<string, int> places = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<StoreColumn> columns = [];

    public string Measurement => measurement;

    public IReadOnlyList<StoreColumn> Columns => columns;

    /// <summary>Grows with every change of the columns.</summary>
    public int Version { get; private set; }

    public void Add(StoreColumn column)
    {
        places.Add(column.Name, columns.Count);
        columns.Add(column);
        Version++;
    }

    /// <summary>Index of a column that is there.</summary>
    public int PlaceOf(string name) => places[name];

    /// <summary>Makes room for a point; says why where the table cannot hold it.</summary>
    public string? Admit(Point point)
    {
        if (!point.Fields.Any(f => f.IsStorable)) return "no field holds a number, or there is no field";
        foreach (Tag tag in point.Tags)
            if (tag.Value.Length > 0 && Admit(tag.Key, ColumnKind.Tag) is { } wrong) return wrong;
        for (int i = 1; i < point.Tags.Length; i++)
            for (int j = 0; j < i; j++)
                if (point.Tags[i].Key == point.Tags[j].Key) return $"tag '{point.Tags[i].Key}' is there twice";
        foreach (Field field in point.Fields)
            if (field.IsStorable && Admit(field.Key, StoreColumn.KindOf(field.Kind)) is { } wrong) return wrong;
        return null;
    }

    private string? Admit(string name, ColumnKind kind)
    {
        if (name.Length == 0) return "a tag or field has no key";
        if (name.Equals(TimeColumn, StringComparison.OrdinalIgnoreCase)) return $"'{name}' is reserved";
        if (!places.TryGetValue(name, out int place))
        {
            if (columns.Count == ColumnsMax) return $"'{name}' would be one more than the {ColumnsMax} tags and fields that a measurement may have";
            Add(new StoreColumn(name, kind));
            return null;
        }
        StoreColumn known = columns[place];
        if (known.Name != name) return $"'{name}' and '{known.Name}' differ in case only";
        if (known.Kind == kind || (known.Kind == ColumnKind.Float && kind == ColumnKind.Integer)) return null;
        if (known.Kind != ColumnKind.Integer || kind != ColumnKind.Float)
            return $"'{name}' is {Word(kind)} here, and {Word(known.Kind)} in measurement '{measurement}'";
        columns[place] = known with { Kind = ColumnKind.Float };
        Version++;
        return null;
    }

    private static string Word(ColumnKind kind) => kind.ToString().ToLowerInvariant();
}
