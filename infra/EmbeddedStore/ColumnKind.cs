namespace Pipeline.Infra.EmbeddedStore;

/// <summary>What a column of a measurement's table is.</summary>
internal enum ColumnKind
{
    Tag,
    Float,
    Integer,
    Unsigned,
    Boolean,
    Text,
}
