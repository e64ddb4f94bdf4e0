namespace Pipeline.Processors.Snapshots;

/// <summary>Writes features one after the other.</summary>
internal ref struct FeatureWriter(Span<float> features)
{
    private readonly Span<float> _features = features;
    private int _next;

    public void Write(float value) => _features[_next++] = value;

    /// <summary>Writes sine and cosine of a share of a full turn.</summary>
    public void WriteAngle(double turn)
    {
        (double sin, double cos) = Math.SinCos(turn * 2 * Math.PI);
        Write((float)sin);
        Write((float)cos);
    }
}
