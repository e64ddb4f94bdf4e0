namespace Pipeline.Processors.Communities;

/// <summary>
/// A small generator of random numbers that gives the same numbers on every runtime (SplitMix64: G. L. Steele, D. Lea, C. H. Flood,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014). Work done side by side gets one for each piece, so that the answer
/// does not depend on the number of threads.
/// </summary>
internal struct SplitMix(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state = seed;

    public ulong Next() => Mix(state += Golden);

    /// <summary>A generator for one of many pieces of work.</summary>
    public readonly SplitMix For(int piece) => new(Mix(state + (((ulong)(uint)piece + 1) * Golden)));

    /// <summary>0 to below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = (int)Math.BigMul(Next(), (ulong)i + 1, out _);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
