using Pipeline.Infra.Randomness;

namespace Pipeline.Tests.Benchmarks;

/// <summary>
/// A made-up fleet whose every value is a function of seed, VM and step. VMs belong to groups of 10 to 100 that share shocks; the share of a
/// group's shocks in its VMs' changes, which is their correlation, is .2 to .9. Every fifth VM is on its own.
/// </summary>
internal sealed class SyntheticFleet
{
    private const int GroupMin = 10, GroupMax = 100, LonerEvery = 5;

    /// <summary>Standard deviation of a change of log CPU, and how fast a level comes back.</summary>
    private const float Shock = .15f, Persistence = .95f;

    private readonly SplitMix seeds;
    private readonly int[] groupOf;

    public SyntheticFleet(int vms, int steps, int seed)
    {
        (Vms, Steps, seeds) = (vms, steps, new SplitMix((ulong)seed));
        groupOf = new int[vms];
        SplitMix sizes = seeds.For(-1);
        for (int vm = 0, group = 0; vm < vms; group++)
            for (int end = Math.Min(vms, vm + GroupMin + sizes.Next(GroupMax - GroupMin)); vm < end; vm++) groupOf[vm] = group;
        // Members of a group do not stand side by side.
        sizes.Shuffle(groupOf);
    }

    public int Vms { get; }

    public int Steps { get; }

    /// <summary>[Vms, Steps] utilisation 0..1.</summary>
    /// <param name="missing">Share of all steps that are missing, NaN.</param>
    public float[] Cpu(double missing)
    {
        float[] cpu = new float[Vms * Steps];
        float[][] shocks = [.. Enumerable.Range(0, groupOf.Max() + 1).Select(Shocks)];
        Parallel.For(0, Vms, vm => Fill(vm, shocks[groupOf[vm]], missing, cpu.AsSpan(vm * Steps, Steps)));
        return cpu;
    }

    private void Fill(int vm, float[] shocks, double missing, Span<float> cpu)
    {
        SplitMix random = seeds.For(vm);
        float shared = vm % LonerEvery == 0 ? 0 : ShareOf(groupOf[vm]), base0 = .02f + (.3f * (float)random.NextDouble()), level = 0;
        (float own, float common) = (MathF.Sqrt(1 - shared), MathF.Sqrt(shared));
        for (int t = 0; t < cpu.Length; t++)
        {
            level = (Persistence * level) + (Shock * ((common * shocks[t]) + (own * Normal(ref random))));
            cpu[t] = missing > 0 && random.NextDouble() < missing ? float.NaN : Math.Min(1, base0 * MathF.Exp(level));
        }
    }

    private float[] Shocks(int group)
    {
        SplitMix random = seeds.For(Vms + group);
        float[] shocks = new float[Steps];
        for (int t = 0; t < Steps; t++) shocks[t] = Normal(ref random);
        return shocks;
    }

    private float ShareOf(int group) => .2f + (.7f * (float)seeds.For(~group).NextDouble());

    /// <summary>Nearly normal: the sum of four uniform numbers, of variance 1.</summary>
    private static float Normal(ref SplitMix random)
    {
        ulong bits = random.Next();
        float sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return ((sum / 65536f) - 2) * 1.7320508f;
    }
}
