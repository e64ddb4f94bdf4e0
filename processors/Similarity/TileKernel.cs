using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pipeline.Processors.Similarity;

/// <summary>
/// Inner products of all pairs from two panels of <see cref="Panel"/> rows. A panel lies in memory step by step, the rows of one step side
/// by side, so that one load gives a step of many rows.
/// </summary>
/// <remarks>
/// Each product is summed in the order of the steps by fused multiply-add, whatever the registers' width: it is the same to the bit for
/// (a, b) and (b, a), at any place in a panel and on any machine. Sums stay in registers: 8 x 32 of them in 16 of AVX-512's 32 registers,
/// 4 x 16 in 8 of AVX2's 16 (NEON: 16 of 32); less would leave the multipliers waiting for additions (BLIS: F. Van Zee, R. van de Geijn, 2015).
/// </remarks>
internal static class TileKernel
{
    /// <summary>Rows of a panel.</summary>
    public const int Panel = 32;

    private const int WideRows = 8, NarrowRows = 4, NarrowColumns = 16;

    /// <summary>Fills tile[a, b] = sum over t of left[t, a] x right[t, b].</summary>
    /// <param name="left">[steps, Panel].</param>
    /// <param name="right">[steps, Panel].</param>
    /// <param name="steps">Length of the rows.</param>
    /// <param name="tile">[Panel, Panel].</param>
    public static void Multiply(ReadOnlySpan<float> left, ReadOnlySpan<float> right, int steps, Span<float> tile)
    {
        Check(left, right, steps, tile);
        ref float a = ref MemoryMarshal.GetReference(left), b = ref MemoryMarshal.GetReference(right), c = ref MemoryMarshal.GetReference(tile);
        if (Vector512.IsHardwareAccelerated)
        {
            for (int row = 0; row < Panel; row += WideRows)
                Wide(ref Unsafe.Add(ref a, row), ref b, steps, ref Unsafe.Add(ref c, row * Panel));
        }
        else MultiplyNarrow(left, right, steps, tile);
    }

    /// <summary>The same for registers of 256 bits.</summary>
    internal static void MultiplyNarrow(ReadOnlySpan<float> left, ReadOnlySpan<float> right, int steps, Span<float> tile)
    {
        Check(left, right, steps, tile);
        ref float a = ref MemoryMarshal.GetReference(left), b = ref MemoryMarshal.GetReference(right), c = ref MemoryMarshal.GetReference(tile);
        for (int row = 0; row < Panel; row += NarrowRows)
            for (int column = 0; column < Panel; column += NarrowColumns)
                Narrow(ref Unsafe.Add(ref a, row), ref Unsafe.Add(ref b, column), steps, ref Unsafe.Add(ref c, (row * Panel) + column));
    }

    private static void Check(ReadOnlySpan<float> left, ReadOnlySpan<float> right, int steps, Span<float> tile)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(left.Length, steps * Panel, nameof(left));
        ArgumentOutOfRangeException.ThrowIfLessThan(right.Length, steps * Panel, nameof(right));
        ArgumentOutOfRangeException.ThrowIfLessThan(tile.Length, Panel * Panel, nameof(tile));
    }

    /// <summary>8 rows by 32 columns.</summary>
    private static void Wide(ref float a, ref float b, int steps, ref float c)
    {
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        for (; steps > 0; steps--)
        {
            Vector512<float> b0 = Vector512.LoadUnsafe(ref b), b1 = Vector512.LoadUnsafe(ref b, 16), x;
            x = Vector512.Create(a);
            (c00, c01) = (Vector512.FusedMultiplyAdd(x, b0, c00), Vector512.FusedMultiplyAdd(x, b1, c01));
            x = Vector512.Create(Unsafe.Add(ref a, 1));
            (c10, c11) = (Vector512.FusedMultiplyAdd(x, b0, c10), Vector512.FusedMultiplyAdd(x, b1, c11));
            x = Vector512.Create(Unsafe.Add(ref a, 2));
            (c20, c21) = (Vector512.FusedMultiplyAdd(x, b0, c20), Vector512.FusedMultiplyAdd(x, b1, c21));
            x = Vector512.Create(Unsafe.Add(ref a, 3));
            (c30, c31) = (Vector512.FusedMultiplyAdd(x, b0, c30), Vector512.FusedMultiplyAdd(x, b1, c31));
            x = Vector512.Create(Unsafe.Add(ref a, 4));
            (c40, c41) = (Vector512.FusedMultiplyAdd(x, b0, c40), Vector512.FusedMultiplyAdd(x, b1, c41));
            x = Vector512.Create(Unsafe.Add(ref a, 5));
            (c50, c51) = (Vector512.FusedMultiplyAdd(x, b0, c50), Vector512.FusedMultiplyAdd(x, b1, c51));
            x = Vector512.Create(Unsafe.Add(ref a, 6));
            (c60, c61) = (Vector512.FusedMultiplyAdd(x, b0, c60), Vector512.FusedMultiplyAdd(x, b1, c61));
            x = Vector512.Create(Unsafe.Add(ref a, 7));
            (c70, c71) = (Vector512.FusedMultiplyAdd(x, b0, c70), Vector512.FusedMultiplyAdd(x, b1, c71));
            a = ref Unsafe.Add(ref a, Panel);
            b = ref Unsafe.Add(ref b, Panel);
        }
        Store(c00, c01, ref c, 0);
        Store(c10, c11, ref c, 1);
        Store(c20, c21, ref c, 2);
        Store(c30, c31, ref c, 3);
        Store(c40, c41, ref c, 4);
        Store(c50, c51, ref c, 5);
        Store(c60, c61, ref c, 6);
        Store(c70, c71, ref c, 7);
    }

    private static void Store(Vector512<float> low, Vector512<float> high, ref float c, int row)
    {
        low.StoreUnsafe(ref c, (nuint)(row * Panel));
        high.StoreUnsafe(ref c, (nuint)((row * Panel) + 16));
    }

    /// <summary>4 rows by 16 columns.</summary>
    private static void Narrow(ref float a, ref float b, int steps, ref float c)
    {
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        for (; steps > 0; steps--)
        {
            Vector256<float> b0 = Vector256.LoadUnsafe(ref b), b1 = Vector256.LoadUnsafe(ref b, 8), x;
            x = Vector256.Create(a);
            (c00, c01) = (Vector256.FusedMultiplyAdd(x, b0, c00), Vector256.FusedMultiplyAdd(x, b1, c01));
            x = Vector256.Create(Unsafe.Add(ref a, 1));
            (c10, c11) = (Vector256.FusedMultiplyAdd(x, b0, c10), Vector256.FusedMultiplyAdd(x, b1, c11));
            x = Vector256.Create(Unsafe.Add(ref a, 2));
            (c20, c21) = (Vector256.FusedMultiplyAdd(x, b0, c20), Vector256.FusedMultiplyAdd(x, b1, c21));
            x = Vector256.Create(Unsafe.Add(ref a, 3));
            (c30, c31) = (Vector256.FusedMultiplyAdd(x, b0, c30), Vector256.FusedMultiplyAdd(x, b1, c31));
            a = ref Unsafe.Add(ref a, Panel);
            b = ref Unsafe.Add(ref b, Panel);
        }
        c00.StoreUnsafe(ref c);
        c01.StoreUnsafe(ref c, 8);
        c10.StoreUnsafe(ref c, Panel);
        c11.StoreUnsafe(ref c, Panel + 8);
        c20.StoreUnsafe(ref c, 2 * Panel);
        c21.StoreUnsafe(ref c, (2 * Panel) + 8);
        c30.StoreUnsafe(ref c, 3 * Panel);
        c31.StoreUnsafe(ref c, (3 * Panel) + 8);
    }
}
