using System.Numerics;

namespace Pipeline.Processors.Patterns;

/// <summary>
/// Discrete Fourier transform of one power-of-two size, in Stockham's order (T. G. Stockham, "High-speed convolution and correlation",
/// 1966): no bit reversal, and all but the first stages run along vectors. Real and imaginary parts are apart. Not for two threads at once.
/// </summary>
internal sealed class Fourier
{
    private readonly float[] cosine;
    private readonly float[] sine;
    private float[] real;
    private float[] imaginary;
    private float[] realSpare;
    private float[] imaginarySpare;

    /// <param name="size">A power of two.</param>
    public Fourier(int size)
    {
        if (!BitOperations.IsPow2(size)) throw new ArgumentException($"{size} is no power of two", nameof(size));
        Size = size;
        (real, imaginary, realSpare, imaginarySpare) = (new float[size], new float[size], new float[size], new float[size]);
        (cosine, sine) = (new float[size / 2], new float[size / 2]);
        for (int i = 0; i < size / 2; i++)
            (sine[i], cosine[i]) = ((float)Math.Sin(-2 * Math.PI * i / size), (float)Math.Cos(2 * Math.PI * i / size));
    }

    public int Size { get; }

    /// <summary>[Size] real parts, in and out; another array after each transform.</summary>
    public Span<float> Real => real;

    /// <summary>[Size] imaginary parts, likewise.</summary>
    public Span<float> Imaginary => imaginary;

    /// <summary>Transforms in place, with exp(-2 pi i j k / Size) and without a factor.</summary>
    public void Transform()
    {
        for (int half = Size / 2, stride = 1; half >= 1; half /= 2, stride *= 2)
        {
            for (int p = 0; p < half; p++) Butterflies(p, half, stride);
            (real, realSpare) = (realSpare, real);
            (imaginary, imaginarySpare) = (imaginarySpare, imaginary);
        }
    }

    private void Butterflies(int p, int half, int stride)
    {
        float c = cosine[p * stride], s = sine[p * stride];
        ReadOnlySpan<float> ar = real.AsSpan(stride * p, stride), ai = imaginary.AsSpan(stride * p, stride);
        ReadOnlySpan<float> br = real.AsSpan(stride * (p + half), stride), bi = imaginary.AsSpan(stride * (p + half), stride);
        Span<float> ur = realSpare.AsSpan(stride * 2 * p, stride), ui = imaginarySpare.AsSpan(stride * 2 * p, stride);
        Span<float> vr = realSpare.AsSpan(stride * ((2 * p) + 1), stride), vi = imaginarySpare.AsSpan(stride * ((2 * p) + 1), stride);
        int q = 0;
        for (; q <= stride - Vector<float>.Count; q += Vector<float>.Count)
        {
            Vector<float> xr = new(ar[q..]), xi = new(ai[q..]), yr = new(br[q..]), yi = new(bi[q..]);
            (xr + yr).CopyTo(ur[q..]);
            (xi + yi).CopyTo(ui[q..]);
            (xr, xi) = (xr - yr, xi - yi);
            ((xr * c) - (xi * s)).CopyTo(vr[q..]);
            ((xr * s) + (xi * c)).CopyTo(vi[q..]);
        }
        for (; q < stride; q++)
        {
            (ur[q], ui[q]) = (ar[q] + br[q], ai[q] + bi[q]);
            float xr = ar[q] - br[q], xi = ai[q] - bi[q];
            (vr[q], vi[q]) = ((xr * c) - (xi * s), (xr * s) + (xi * c));
        }
    }
}
