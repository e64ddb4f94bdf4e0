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
    public unsafe void Transform()
    {
        for (int half = Size / 2, stride = 1; half >= 1; half /= 2, stride *= 2)
        {
            // Bounds: every index below is less than 2 x half x stride = Size.
            fixed (float* xr = real, xi = imaginary, yr = realSpare, yi = imaginarySpare)
            {
                if (stride < Vector<float>.Count) Narrow(xr, xi, yr, yi, half, stride);
                else Wide(xr, xi, yr, yi, half, stride);
            }
            (real, realSpare) = (realSpare, real);
            (imaginary, imaginarySpare) = (imaginarySpare, imaginary);
        }
    }

    private unsafe void Narrow(float* xr, float* xi, float* yr, float* yi, int half, int stride)
    {
        int other = half * stride;
        for (int p = 0; p < half; p++)
        {
            float c = cosine[p * stride], s = sine[p * stride];
            for (int i = p * stride, o = 2 * i, end = i + stride; i < end; i++, o++)
            {
                float ar = xr[i], ai = xi[i], br = xr[i + other], bi = xi[i + other], dr = ar - br, di = ai - bi;
                (yr[o], yi[o]) = (ar + br, ai + bi);
                (yr[o + stride], yi[o + stride]) = ((dr * c) - (di * s), (dr * s) + (di * c));
            }
        }
    }

    private unsafe void Wide(float* xr, float* xi, float* yr, float* yi, int half, int stride)
    {
        int other = half * stride;
        for (int p = 0; p < half; p++)
        {
            Vector<float> c = new(cosine[p * stride]), s = new(sine[p * stride]);
            for (int i = p * stride, o = 2 * i, end = i + stride; i < end; i += Vector<float>.Count, o += Vector<float>.Count)
            {
                Vector<float> ar = Vector.Load(xr + i), ai = Vector.Load(xi + i), br = Vector.Load(xr + i + other), bi = Vector.Load(xi + i + other);
                Vector<float> dr = ar - br, di = ai - bi;
                Vector.Store(ar + br, yr + o);
                Vector.Store(ai + bi, yi + o);
                Vector.Store((dr * c) - (di * s), yr + o + stride);
                Vector.Store((dr * s) + (di * c), yi + o + stride);
            }
        }
    }
}
