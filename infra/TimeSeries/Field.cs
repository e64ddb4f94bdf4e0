namespace Pipeline.Infra.TimeSeries;

/// <summary>One measured value of a point. The number lies in 64 bits, whatever its kind, so that no value is boxed.</summary>
public readonly record struct Field
{
    private readonly long bits;

    private Field(string key, FieldKind kind, long bits, string? text)
    {
        Key = key;
        Kind = kind;
        this.bits = bits;
        Text = text;
    }

    public Field(string key, double value)
        : this(key, FieldKind.Float, BitConverter.DoubleToInt64Bits(value), null)
    {
    }

    public Field(string key, long value)
        : this(key, FieldKind.Integer, value, null)
    {
    }

    public Field(string key, ulong value)
        : this(key, FieldKind.Unsigned, unchecked((long)value), null)
    {
    }

    public Field(string key, bool value)
        : this(key, FieldKind.Boolean, value ? 1 : 0, null)
    {
    }

    public Field(string key, string value)
        : this(key, FieldKind.Text, 0, value)
    {
    }

    public string Key { get; }

    public FieldKind Kind { get; }

    /// <summary>The value of a <see cref="FieldKind.Text"/> field.</summary>
    public string? Text { get; }

    public double AsFloat => BitConverter.Int64BitsToDouble(bits);

    public long AsInteger => bits;

    public ulong AsUnsigned => unchecked((ulong)bits);

    public bool AsBoolean => bits != 0;

    /// <summary>False for NaN and infinities, which no store takes.</summary>
    public bool IsStorable => Kind != FieldKind.Float || double.IsFinite(AsFloat);
}
