using Pipeline.Processors.Patterns;
using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Unit.Processors.Patterns;

/// <summary>A made-up fleet with known leaders, or with communities whose bursts go together in known ways.</summary>
internal sealed class PlantedFleet
{
    public required float[] Cpu { get; init; }

    public required int N { get; init; }

    public required int Length { get; init; }

    public required int[] Communities { get; init; }

    public NeighbourList? Neighbours { get; init; }

    /// <summary>Leader, follower, lag, and whether the follower does the same (1) or the opposite (-1).</summary>
    public List<(int Leader, int Follower, int Lag, int Sign)> Leaders { get; } = [];

    /// <summary>Kind, both communities (together and exclusive: lower first), lag.</summary>
    public List<(PatternKind Kind, int First, int Second, int Lag)> CoBursts { get; } = [];

    /// <summary>
    /// Three VMs in ten lead another by one to six steps, as many are twins (lag 0), the others are alone. The follower has a correlation of
    /// .45 or more with its leader's changes. Neighbours: the partner, and seven that have nothing to do with the VM.
    /// </summary>
    public static PlantedFleet WithLeaders(int pairs, int length, Random random)
    {
        int n = pairs * 4, k = 8;
        float[] cpu = new float[n * length];
        NeighbourList neighbours = new(n, k, new int[n * k], new float[n * k]);
        PlantedFleet fleet = new() { Cpu = cpu, N = n, Length = length, Communities = new int[n], Neighbours = neighbours };
        int[] order = [.. Enumerable.Range(0, n)];
        random.Shuffle(order);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < k; j++) neighbours.Index[(order[i] * k) + j] = order[(i ^ 1) < n && j == 0 ? i ^ 1 : (i + 2 + random.Next(n - 4)) % n];
        for (int p = 0; p < pairs * 2; p++)
        {
            int left = order[2 * p], right = order[(2 * p) + 1];
            int lag = p < pairs ? random.Next(1, 7) : 0, sign = lag > 0 && random.Next(3) == 0 ? -1 : 1;
            bool related = p < pairs * 3 / 2;
            double memory = PlantedSeries.Between(random, .3, .9), own = PlantedSeries.Between(random, .2, 1.8);
            double[] driver = PlantedSeries.Noise(length + 6, 0, .06, memory, random), noise = PlantedSeries.Noise(length, 0, .06 * own, memory, random);
            double[] other = related ? driver : PlantedSeries.Noise(length + 6, 0, .06, memory, random);
            for (int t = 0; t < length; t++)
            {
                cpu[(left * length) + t] = Value(.35 + driver[t + 6], random);
                cpu[(right * length) + t] = Value(.4 + (sign * other[t + 6 - lag]) + noise[t], random);
            }
            if (lag > 0) fleet.Leaders.Add((left, right, lag, sign));
        }
        return fleet;
    }

    /// <summary>Communities of three to six VMs: pairs that burst together, in turn, at different times, and some that have bursts of their own.</summary>
    public static PlantedFleet WithCoBursts(int ofEach, int alone, int length, Random random)
    {
        List<float[]> rows = [];
        List<int> labels = [];
        List<(PatternKind Kind, int First, int Second, int Lag)> planted = [];
        int next = 0;
        for (int i = 0; i < ofEach; i++)
        {
            (List<(int At, int Steps)> a, List<(int At, int Steps)> b) = (Schedule(length, random.Next(14, 40), 1, 8, random), []);
            foreach ((int at, int steps) in a)
                if (random.NextDouble() < .85) b.Add((at + random.Next(-1, 2), Math.Max(1, steps + random.Next(-1, 2))));
            Add(a, b, PatternKind.Together, 0);

            int longest = random.Next(1, 6), lag = random.Next(Math.Max(3, longest + 3), 25);
            a = Schedule(length, random.Next(14, 40), 1, longest, random);
            b = [];
            foreach ((int at, _) in a)
                if (random.NextDouble() < .85) b.Add((at + lag + random.Next(-1, 2), random.Next(1, longest + 1)));
            Add(a, b, PatternKind.InTurn, lag);

            // Both are busy a fifth of the time, never at once.
            (a, b) = ([], []);
            for (int t = 0; t < length - 20;)
            {
                int steps = random.Next(3, 8);
                if (random.NextDouble() < .55) (random.Next(2) == 0 ? a : b).Add((t, steps));
                t += steps + random.Next(3, 7);
            }
            Add(a, b, PatternKind.Exclusive, 0);
        }
        for (int i = 0; i < alone; i++) AddCommunity(Schedule(length, random.Next(10, 60), 1, random.Next(2, 9), random));
        PlantedFleet fleet = new() { Cpu = [.. rows.SelectMany(r => r)], N = rows.Count, Length = length, Communities = [.. labels] };
        fleet.CoBursts.AddRange(planted);
        return fleet;

        void Add(List<(int At, int Steps)> a, List<(int At, int Steps)> b, PatternKind kind, int lag)
        {
            planted.Add((kind, next, next + 1, lag));
            AddCommunity(a);
            AddCommunity(b);
        }

        void AddCommunity(List<(int At, int Steps)> bursts)
        {
            double height = PlantedSeries.Between(random, .25, .6), level = PlantedSeries.Between(random, .05, .2);
            float[] shared = new float[length];
            foreach ((int at, int steps) in bursts)
                for (int t = Math.Max(0, at); t < Math.Min(length, at + steps); t++) shared[t] = (float)height;
            for (int vm = random.Next(3, 7); vm > 0; vm--)
            {
                double[] own = PlantedSeries.Noise(length, level, .02, .5, random);
                rows.Add([.. own.Select((v, t) => Value(v + (shared[t] * PlantedSeries.Between(random, .7, 1)), random))]);
                labels.Add(next);
            }
            next++;
        }
    }

    private static List<(int At, int Steps)> Schedule(int length, int count, int shortest, int longest, Random random)
    {
        List<(int At, int Steps)> bursts = [];
        for (int i = 0; i < count; i++)
        {
            int at = random.Next(length - 40), steps = random.Next(shortest, longest + 1);
            if (bursts.TrueForAll(b => at > b.At + b.Steps + 5 || at + steps + 5 < b.At)) bursts.Add((at, steps));
        }
        bursts.Sort();
        return bursts;
    }

    private static float Value(double v, Random random) => random.NextDouble() < .02 ? float.NaN : (float)Math.Clamp(v, 0, 1);
}
