namespace Pipeline.Ingest.Bridge.Points;

/// <summary>A value of a point: a number without an object of its own, or anything else (bool, text, a dictionary for a histogram; null: not known yet).</summary>
public readonly record struct PointValue
{
    private static readonly object Signed = new(), Unsigned = new(), Real = new(), True = true, False = false;

    /// <summary>The value, or which kind of number <see cref="bits"/> holds.</summary>
    private readonly object? other;
    private readonly long bits;

    private PointValue(object? other, long bits = 0) => (this.other, this.bits) = (other, bits);

    public static PointValue Of(long value) => new(Signed, value);

    public static PointValue Of(ulong value) => new(Unsigned, (long)value);

    public static PointValue Of(double value) => new(Real, BitConverter.DoubleToInt64Bits(value));

    public static PointValue Of(bool value) => new(value ? True : False);

    /// <summary>Any value; numbers are taken out of their objects.</summary>
    public static PointValue Of(object? value) => value switch
    {
        long x => Of(x),
        ulong x => Of(x),
        double x => Of(x),
        _ => new(value),
    };

    /// <summary>The value as a finite number; null where it is none.</summary>
    public double? AsNumber =>
        ReferenceEquals(other, Signed) ? bits
        : ReferenceEquals(other, Unsigned) ? (ulong)bits
        : ReferenceEquals(other, Real) && double.IsFinite(BitConverter.Int64BitsToDouble(bits)) ? BitConverter.Int64BitsToDouble(bits)
        : null;

    /// <summary>long, ulong, double, bool, string, a dictionary, or null.</summary>
    public object? AsObject =>
        ReferenceEquals(other, Signed) ? bits
        : ReferenceEquals(other, Unsigned) ? (ulong)bits
        : ReferenceEquals(other, Real) ? BitConverter.Int64BitsToDouble(bits)
        : other;
}
