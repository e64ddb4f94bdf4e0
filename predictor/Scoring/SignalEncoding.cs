namespace Pipeline.Predictor.Scoring;

/// <summary>
/// How a signal's float16 becomes a channel of the window. There are only 65,536 float16 values, so an encoding is a
/// table: a logarithm costs as little as a copy, and training and serving cannot differ in a bit.
/// </summary>
public sealed class SignalEncoding
{
    /// <summary>The signal that everything is about: the first of every model.</summary>
    public const string Cpu = "cpu_utilization";

    private static readonly SignalEncoding Share = new(v => Math.Clamp(v, 0f, 1f));
    private static readonly SignalEncoding ShareLog = new(v => MathF.Log(1f + 100f * Math.Clamp(v, 0f, 2f)) / 5f);
    private static readonly SignalEncoding Logarithm = new(v => MathF.Max(v, 0f) / 8f);

    private readonly float[] _table = new float[ushort.MaxValue + 1];

    private SignalEncoding(Func<float, float> function)
    {
        for (int bits = 0; bits < _table.Length; bits++)
        {
            float value = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            // A float16 that overflowed is as large as can be said.
            _table[bits] = float.IsNaN(value) ? float.NaN : function(Math.Clamp(value, -(float)Half.MaxValue, (float)Half.MaxValue));
        }
    }

    /// <summary>The channels that a signal is given: CPU as a share and as a logarithm (idle VMs differ there), other shares as they are, logarithms of rates on a like scale.</summary>
    public static IReadOnlyList<SignalEncoding> Of(string signal) =>
        signal == Cpu ? [Share, ShareLog]
        : signal.StartsWith("log_", StringComparison.Ordinal) ? [Logarithm]
        : [Share];

    /// <summary>The channel's value; NaN where the signal is missing.</summary>
    public float this[ushort bits] => _table[bits];
}
