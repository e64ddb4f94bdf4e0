namespace Pipeline.Infra.TimeSeries;

/// <summary>Type of a field's value; a field keeps its type for ever, as the store wants it.</summary>
public enum FieldKind : byte
{
    Float,
    Integer,
    Unsigned,
    Boolean,
    Text,
}
