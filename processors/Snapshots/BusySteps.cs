using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Pipeline.Processors.History;

namespace Pipeline.Processors.Snapshots;

/// <summary>
/// When a VM was busy. Most VMs are so for a few per cent of the time: the past is turned into a bit set and only the set
/// bits are looked at.
/// </summary>
internal readonly ref struct BusySteps
{
    private const int WordBits = 64, Words = (HistoryOptions.MemorySteps + WordBits - 1) / WordBits;

    private static readonly DecayWeights Day = new(288), Week = new(2016);

    /// <param name="past">Utilisation, oldest first, up to the newest known step; NaN: unknown, which is not busy.</param>
    /// <param name="first">Index of the first known step.</param>
    public BusySteps(ReadOnlySpan<float> past, int first)
    {
        Span<ulong> bits = stackalloc ulong[Words];
        Mark(past, bits);
        double busyDay = 0, busyWeek = 0, onsetDay = 0, onsetWeek = 0;
        int newestBusy = -1, newestOnset = -1;
        ulong before = 0;
        for (int w = 0; w < Words; w++)
        {
            ulong word = bits[w], onsets = word & ~((word << 1) | before);
            before = word >> (WordBits - 1);
            for (; word != 0; word &= word - 1)
            {
                int bit = BitOperations.TrailingZeroCount(word), step = w * WordBits + bit, ago = past.Length - 1 - step;
                (busyDay, busyWeek, newestBusy) = (busyDay + Day[ago], busyWeek + Week[ago], step);
                // What came before the first known step is not known: it is no onset.
                if ((onsets >> bit & 1) == 0 || step == first) continue;
                (onsetDay, onsetWeek, newestOnset) = (onsetDay + Day[ago], onsetWeek + Week[ago], step);
            }
        }
        int known = past.Length - first;
        (BusyRateDay, OnsetRateDay) = known <= 0 ? (0f, 0f) : ((float)(busyDay / Day.Sum(known)), (float)(onsetDay / Day.Sum(known)));
        (BusyRateWeek, OnsetRateWeek) = known <= 0 ? (0f, 0f) : ((float)(busyWeek / Week.Sum(known)), (float)(onsetWeek / Week.Sum(known)));
        SinceBusy = newestBusy < 0 ? HistoryOptions.MemorySteps : past.Length - 1 - newestBusy;
        SinceOnset = newestOnset < 0 ? HistoryOptions.MemorySteps : past.Length - 1 - newestOnset;
    }

    /// <summary>Weighted shares of the known time, 0..1; "day" and "week" are decay constants of 288 and 2,016 steps.</summary>
    public float BusyRateDay { get; }

    public float BusyRateWeek { get; }

    public float OnsetRateDay { get; }

    public float OnsetRateWeek { get; }

    /// <summary>Steps since the newest busy step, 0 when it is the newest of all; 2,016 when there is none.</summary>
    public int SinceBusy { get; }

    public int SinceOnset { get; }

    private static void Mark(ReadOnlySpan<float> past, Span<ulong> bits)
    {
        Vector256<float> threshold = Vector256.Create(FeatureSet.Busy);
        ReadOnlySpan<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(past);
        for (int i = 0; i < vectors.Length; i++)
        {
            ulong mask = Vector256.GreaterThanOrEqual(vectors[i], threshold).ExtractMostSignificantBits();
            bits[i / 8] |= mask << (i % 8 * 8);
        }
        for (int i = vectors.Length * 8; i < past.Length; i++)
            if (past[i] >= FeatureSet.Busy) bits[i / WordBits] |= 1UL << (i % WordBits);
    }
}
