using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Tests.Unit.Schemas.Wire;

/// <summary>Messages of any kind, and damage to their bytes.</summary>
internal static class RandomReports
{
    private static readonly float[] Edges =
        [0, -0f, 1, 2, 2.0000002f, 1.0000001f, -1e-45f, Bounds.CoresMax, 4097, float.MaxValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    private static readonly string[] Names = ["", "vm-1", "vm-0000012", "cell-0", "Wirtsrechner-ä", "机器", new('x', 300), "a\tb"];

    public static VmReports Make(Random random)
    {
        VmReports reports = new();
        for (int n = random.Next(4); n > 0; n--)
        {
            VmReport report = new() { Vm = Names[random.Next(Names.Length)], Cell = Names[random.Next(Names.Length)] };
            for (int i = random.Next(20); i > 0; i--) SetOne(random, report);
            reports.Reports.Add(report);
        }
        return reports;
    }

    /// <summary>Gives one field another value, of those within bounds, at them and beyond.</summary>
    public static void SetOne(Random random, VmReport report)
    {
        switch (random.Next(18))
        {
            case 0: report.TimeUnixMs = Whole(random); break;
            case 1: report.TimeUnixMs = Samples.Time + Bounds.ClockAheadMsMax + random.Next(-2, 3); break;
            case 2: report.TimeUnixMs = Bounds.TimeMsMin + random.Next(-2, 3); break;
            case 3: report.IntervalMs = random.Next(2) == 0 ? (uint)Whole(random) : (uint)random.Next(3); break;
            case 4: report.Sequence = (ulong)Whole(random); break;
            case 5: report.Cores = Number(random); break;
            case 6: report.MemoryBytes = (ulong)Whole(random); break;
            case 7 when random.Next(8) == 0: report.Own = random.Next(2) == 0 ? null : new Signals(); break;
            case 8: report.Functions = random.Next(2) == 0 ? null : new FunctionsUse { CpuUtilization = Number(random), MemoryBytes = (ulong)Whole(random) }; break;
            default: SetSignal(random, report.Own ??= new Signals()); break;
        }
    }

    /// <summary>One of the things that happen to bytes.</summary>
    public static byte[] Damage(Random random, byte[] value)
    {
        int at = random.Next(value.Length);
        byte[] bytes = [.. value];
        switch (random.Next(5))
        {
            case 0: bytes[at] ^= (byte)(1 << random.Next(8)); return bytes;
            case 1: bytes[at] = (byte)random.Next(256); return bytes;
            case 2: return bytes[..at];
            case 3: return [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
            default: return [.. bytes, .. bytes[at..]];
        }
    }

    private static void SetSignal(Random random, Signals own)
    {
        float value = Number(random);
        switch (random.Next(10))
        {
            case 0: own.CpuUtilization = value; break;
            case 1: own.CpuUtilizationPeak = value; break;
            case 2: own.CpuSteal = value; break;
            case 3: own.MemoryUtilization = value; break;
            case 4: own.DiskRead = value; break;
            case 5: own.DiskWrite = value; break;
            case 6: own.NetworkReceive = value; break;
            case 7: own.NetworkTransmit = value; break;
            case 8: own.Load1M = value; break;
            default: own.CpuIowait = value; break;
        }
    }

    private static float Number(Random random) => random.Next(2) == 0 ? random.NextSingle() : Edges[random.Next(Edges.Length)];

    private static long Whole(Random random) => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
}
