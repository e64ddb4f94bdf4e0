using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.EmbeddedStore;

/// <summary>A column of a measurement's table. Tags are '' where a point has none, fields null.</summary>
internal sealed record StoreColumn(string Name, ColumnKind Kind)
{
    public string Quoted => Quote(Name);

    public string SqlType => Kind switch
    {
        ColumnKind.Float => "DOUBLE",
        ColumnKind.Integer => "BIGINT",
        ColumnKind.Unsigned => "UBIGINT",
        ColumnKind.Boolean => "BOOLEAN",
        _ => "VARCHAR",
    };

    public string Declaration => Kind == ColumnKind.Tag ? $"{Quoted} VARCHAR NOT NULL DEFAULT ''" : $"{Quoted} {SqlType}";

    public static ColumnKind KindOf(FieldKind field) => field switch
    {
        FieldKind.Float => ColumnKind.Float,
        FieldKind.Integer => ColumnKind.Integer,
        FieldKind.Unsigned => ColumnKind.Unsigned,
        FieldKind.Boolean => ColumnKind.Boolean,
        _ => ColumnKind.Text,
    };

    /// <summary>The other way round, for a table that is there already: a tag is what must not be null.</summary>
    public static ColumnKind KindOf(string sqlType, bool nullable) => sqlType switch
    {
        "DOUBLE" => ColumnKind.Float,
        "BIGINT" => ColumnKind.Integer,
        "UBIGINT" => ColumnKind.Unsigned,
        "BOOLEAN" => ColumnKind.Boolean,
        _ => nullable ? ColumnKind.Text : ColumnKind.Tag,
    };

    public static string Quote(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
