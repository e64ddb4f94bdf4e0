using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Which reports of VMs arrive: some are lost one by one, some VMs fall silent for a while.</summary>
public sealed class ReportPlan
{
    /// <summary>Silence lasts so long, minutes: evenly between the two.</summary>
    private const int ShortestMinutes = 15, LongestMinutes = 60;

    private readonly bool[][] silent;
    private readonly ulong seed;
    private readonly double lostShare;

    private ReportPlan(bool[][] silent, ulong seed, double lostShare)
    {
        this.silent = silent;
        this.seed = seed;
        this.lostShare = lostShare;
    }

    public static ReportPlan AllArrive { get; } = new([], 0, 0);

    /// <summary>Draws the silences of all VMs for so many minutes.</summary>
    public static ReportPlan Draw(int vms, int minutes, double silentShare, double lostShare, ref SplitMix random)
    {
        ulong seed = random.Next();
        if (silentShare <= 0) return lostShare <= 0 ? AllArrive : new ReportPlan([], seed, lostShare);
        const double mean = (ShortestMinutes + LongestMinutes) / 2.0;
        double upMinutes = mean * (1 - silentShare) / silentShare;
        bool[][] silent = new bool[vms][];
        for (int vm = 0; vm < vms; vm++)
        {
            silent[vm] = new bool[minutes + 1];
            // Begun so long before that it does not matter how.
            double at = -10 * (mean + upMinutes) * random.NextDouble();
            while (at < minutes)
            {
                at += -Math.Log(1 - random.NextDouble()) * upMinutes;
                double end = at + ShortestMinutes + ((LongestMinutes - ShortestMinutes) * random.NextDouble());
                for (int m = Math.Max(0, (int)at); m < Math.Min(silent[vm].Length, end); m++) silent[vm][m] = true;
                at = end;
            }
        }
        return new ReportPlan(silent, seed, lostShare);
    }

    /// <summary>Does the report arrive that a VM makes at this time?</summary>
    public bool Arrives(int vm, double timeS)
    {
        if (silent.Length > 0 && silent[vm][(int)Math.Clamp(timeS / 60, 0, silent[vm].Length - 1)]) return false;
        return lostShare <= 0 || (SplitMix.Mix(seed ^ SplitMix.Mix(((ulong)(uint)vm << 32) | (uint)(int)timeS)) >> 11) * (1.0 / (1UL << 53)) >= lostShare;
    }
}
