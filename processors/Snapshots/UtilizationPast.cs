using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pipeline.Processors.Snapshots;

/// <summary>A VM's past utilisation as the features see it. Vector widths are fixed, so every machine computes the same bits.</summary>
internal static class UtilizationPast
{
    /// <summary>A gap is bridged with the last value for so many steps: an hour of 5-minute steps, the longest silence that the network is trained for.</summary>
    private const int FillSteps = 12;

    /// <summary>
    /// Copies utilisations clipped to 0..1, gaps filled with the value before them for up to an hour; the rest of
    /// <paramref name="past"/> becomes NaN. Returns the index of the first known one, the span's length when there is none.
    /// </summary>
    public static int Fill(ReadOnlySpan<float> known, Span<float> past)
    {
        past[known.Length..].Fill(float.NaN);
        int first = known.Length, age = FillSteps;
        float last = float.NaN;
        for (int i = 0; i < known.Length; i++)
        {
            if (TryCopyKnown(known, i, past))
            {
                (first, age) = (Math.Min(first, i), 0);
                i += Vector256<float>.Count - 1;
                last = past[i];
                continue;
            }
            float value = known[i];
            if (!float.IsNaN(value))
            {
                first = Math.Min(first, i);
                last = value < 0f ? 0f : value > 1f ? 1f : value;
                age = 0;
            }
            else if (++age > FillSteps) last = float.NaN;
            past[i] = last;
        }
        return first;
    }

    /// <summary>Clips and copies eight values at once, which is nearly always possible: it is not when one of them is missing.</summary>
    private static bool TryCopyKnown(ReadOnlySpan<float> known, int i, Span<float> past)
    {
        if (i + Vector256<float>.Count > known.Length) return false;
        Vector256<float> values = Vector256.Create(known[i..]);
        if (!Vector256.EqualsAll(values, values)) return false;
        Vector256.Min(Vector256.Max(values, Vector256<float>.Zero), Vector256<float>.One).CopyTo(past[i..]);
        return true;
    }

    /// <summary>Index of the newest known value; -1 when there is none.</summary>
    public static int NewestKnown(ReadOnlySpan<float> known)
    {
        int i = known.Length - 1;
        while (i >= 0 && float.IsNaN(known[i])) i--;
        return i;
    }

    /// <summary>Highest known value; 0 when there is none.</summary>
    public static float Peak(ReadOnlySpan<float> past)
    {
        Vector256<float> peak = Vector256<float>.Zero;
        ReadOnlySpan<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(past);
        // A comparison with NaN is false, so unknown steps change nothing; Max would spread them.
        foreach (Vector256<float> v in vectors) peak = Vector256.ConditionalSelect(Vector256.GreaterThan(v, peak), v, peak);
        float best = 0f;
        for (int i = 0; i < Vector256<float>.Count; i++) best = Math.Max(best, peak[i]);
        foreach (float value in past[(vectors.Length * Vector256<float>.Count)..])
            if (value > best) best = value;
        return best;
    }

    /// <summary>Highest known value of a short span; NaN when there is none.</summary>
    public static float PeakOrNaN(ReadOnlySpan<float> past)
    {
        float best = float.NaN;
        foreach (float value in past)
            if (!(value <= best) && !float.IsNaN(value)) best = value;
        return best;
    }
}
