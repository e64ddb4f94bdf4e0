namespace Pipeline.Tests.Unit.Processors.Similarity;

/// <summary>Made-up fleets: VMs of a group share their changes, more or less.</summary>
internal static class Fleet
{
    /// <summary>[n, length] utilisation; VM i is of group i mod groups.</summary>
    public static float[] Make(int n, int length, int groups, Random random)
    {
        float[] cpu = new float[n * length], level = new float[n];
        float[] own = [.. Enumerable.Range(0, n).Select(_ => .2f + (.6f * random.NextSingle()))];
        for (int i = 0; i < n; i++) level[i] = .1f + (.6f * random.NextSingle());
        for (int t = 0; t < length; t++)
        {
            float[] change = [.. Enumerable.Range(0, groups).Select(_ => (random.NextSingle() - .5f) * .2f)];
            for (int i = 0; i < n; i++)
            {
                level[i] = Math.Clamp(level[i] + change[i % groups] + ((random.NextSingle() - .5f) * .2f * own[i]) - ((level[i] - .4f) * .05f), 0, 1);
                cpu[(i * length) + t] = level[i];
            }
        }
        return cpu;
    }

    /// <summary>Takes out single steps here and there.</summary>
    public static void Drop(Span<float> cpu, double share, Random random)
    {
        for (int i = 0; i < cpu.Length; i++)
            if (random.NextDouble() < share) cpu[i] = float.NaN;
    }

    /// <summary>Makes a VM known from a step on only.</summary>
    public static void Join(float[] cpu, int length, int vm, int steps) => cpu.AsSpan(vm * length, length - steps).Fill(float.NaN);
}
