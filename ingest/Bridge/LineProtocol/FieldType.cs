namespace Pipeline.Ingest.Bridge.LineProtocol;

/// <summary>Types of line protocol's values.</summary>
internal enum FieldType
{
    Float,
    Integer,
    Unsigned,
    Boolean,
    String,
}
