using System.Numerics;

namespace Pipeline.Processors.Patterns;

/// <summary>
/// Spectrum and autocorrelation of a series with gaps, from two transforms: the series goes in as the real part and what is known of it
/// (0 or 1) as the imaginary part, and as the autocorrelations of both are real, one transform back gives both. The autocorrelation is over the
/// pairs of steps that are known (pairwise); the spectrum takes missing steps as the mean. Not for two threads at once.
/// </summary>
internal sealed class Autocorrelation
{
    private readonly Fourier fourier;
    private readonly float[] power;
    private readonly float[] correlation;
    private int lags;

    /// <param name="length">Steps of a series at most.</param>
    public Autocorrelation(int length)
    {
        // Lags up to half the series wrap around into what they should not meet unless so many zeros follow it.
        fourier = new Fourier((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, length + (length / 2) + 1)));
        power = new float[(fourier.Size / 2) + 1];
        correlation = new float[(length / 2) + 1];
    }

    /// <summary>Number of frequencies that the spectrum would have on the whole circle: bin k is k / Size cycles per step.</summary>
    public int Size => fourier.Size;

    /// <summary>[Size / 2 + 1] power at each frequency.</summary>
    public ReadOnlySpan<float> Power => power;

    /// <summary>[length / 2 + 1] autocorrelation at each lag.</summary>
    public ReadOnlySpan<float> Correlation => correlation.AsSpan(0, lags);

    /// <summary>Takes a series.</summary>
    /// <param name="values">Without mean; 0 where missing.</param>
    /// <param name="known">1 where known, 0 where missing.</param>
    public void Compute(ReadOnlySpan<float> values, ReadOnlySpan<float> known)
    {
        fourier.Real.Clear();
        fourier.Imaginary.Clear();
        values.CopyTo(fourier.Real);
        known.CopyTo(fourier.Imaginary);
        fourier.Transform();
        SeparateAndSquare();
        fourier.Transform();
        lags = (values.Length / 2) + 1;
        Span<float> products = fourier.Real[..lags], pairs = fourier.Imaginary[..lags];
        float variance = products[0] / Math.Max(1, pairs[0]);
        if (variance <= 0)
        {
            correlation.AsSpan(0, lags).Clear();
            return;
        }
        // Half a pair is what rounding leaves of none.
        for (int k = 0; k < lags; k++) correlation[k] = pairs[k] < .5f * Size ? 0 : products[k] / pairs[k] / variance;
    }

    /// <summary>From the transform Z of x + iy to |X|^2 + i|Y|^2, with X = (Z(k) + Z*(-k)) / 2 and Y = (Z(k) - Z*(-k)) / 2i.</summary>
    private void SeparateAndSquare()
    {
        Span<float> re = fourier.Real, im = fourier.Imaginary;
        for (int k = 0; k <= Size / 2; k++)
        {
            int mirror = (Size - k) & (Size - 1);
            float xr = (re[k] + re[mirror]) / 2, xi = (im[k] - im[mirror]) / 2;
            float yr = (im[k] + im[mirror]) / 2, yi = (re[mirror] - re[k]) / 2;
            float x = (xr * xr) + (xi * xi), y = (yr * yr) + (yi * yi);
            power[k] = x;
            (re[k], im[k], re[mirror], im[mirror]) = (x, y, x, y);
        }
    }
}
