namespace Pipeline.Processors.Patterns;

/// <summary>
/// Finds level shifts after S. Chakar, E. Lebarbier, C. Levy-Leduc, S. Robin, "A robust approach for estimating change-points in the mean of
/// an AR(1) process" (Bernoulli 23, 2017): the noise's scale and memory are found from differences, which shifts do not disturb, then the
/// best segments by dynamic programming (B. Jackson et al., 2005) with a penalty that fits this noise. Each shift has then to beat chance on
/// its own, and its start is where the cumulative sum of Page (1954) against the middle of both levels is least. Works on medians of
/// blocks, which short bursts do not move. Not for two threads at once.
/// </summary>
internal sealed class LevelShiftSearch(int length)
{
    /// <summary>Steps of a block: bursts of up to half of it are not seen.</summary>
    public const int BlockSteps = 12;

    /// <summary>Blocks that a level has to last: three hours of 5-minute steps.</summary>
    public const int BlocksMin = 3;

    /// <summary>Shifts at most: a series with more goes on and off, and none of them is news.</summary>
    public const int ShiftsMax = 6;

    /// <summary>Least change, utilisation.</summary>
    public const double MagnitudeMin = .05;

    /// <summary>Standard errors that a shift has to have: Bonferroni over up to 168 places is 4; the noise's memory is not known exactly, which takes the rest.</summary>
    public const double ZMin = 5;

    /// <summary>Share of the steps of each level that have to be on its side of the middle between both.</summary>
    private const double OwnSideMin = .72;

    /// <summary>
    /// Memory of the blocks, and what levels leave of it, from which on the series may be wandering, whose levels are not shifts: a shift has
    /// then to be abrupt as well, so many times the usual change within three blocks.
    /// </summary>
    private const double WanderingFrom = .6, WanderingLeft = .35, JumpsMin = 4;

    /// <summary>A higher memory is not believed when cutting, so that a few large shifts, which look like memory, are not lost.</summary>
    private const double MemoryMax = .7;

    /// <summary>Noise is taken to be no less than this, utilisation: a constant series has none to compare with.</summary>
    private const double NoiseMin = .004;

    private readonly double[] blocks = new double[(length / BlockSteps) + 1];
    private readonly int[] starts = new int[(length / BlockSteps) + 2];
    private readonly double[] sums = new double[(length / BlockSteps) + 2];
    private readonly double[] squares = new double[(length / BlockSteps) + 2];
    private readonly double[] costs = new double[(length / BlockSteps) + 2];
    private readonly double[] sorted = new double[(length / BlockSteps) + 2];
    private readonly double[] inverse = [.. Enumerable.Range(0, (length / BlockSteps) + 2).Select(i => 1.0 / Math.Max(1, i))];
    private readonly int[] previous = new int[(length / BlockSteps) + 2];
    private readonly int[] cuts = new int[(length / BlockSteps) + 2];
    private readonly LevelShift[] shifts = new LevelShift[ShiftsMax];
    private double jumpMin;
    private int count;
    private int segments;
    private int found;

    /// <summary>The shifts found, in order.</summary>
    public ReadOnlySpan<LevelShift> Shifts => shifts.AsSpan(0, found);

    /// <summary>Squared error that the levels leave over all blocks.</summary>
    public double Error { get; private set; }

    /// <summary>Blocks with enough known steps.</summary>
    public int Blocks => count;

    /// <summary>Values of the blocks and, for each, its first step.</summary>
    public ReadOnlySpan<double> BlockValues => blocks.AsSpan(0, count);

    public ReadOnlySpan<int> BlockStarts => starts.AsSpan(0, count);

    /// <summary>Takes a series.</summary>
    /// <param name="values">Utilisation without rhythm (and trend).</param>
    /// <param name="known">1 where known, 0 where missing.</param>
    public void Find(ReadOnlySpan<float> values, ReadOnlySpan<float> known)
    {
        (found, segments, Error) = (0, 1, 0);
        FillBlocks(values, known);
        cuts[0] = 0;
        cuts[1] = count;
        if (count < 2 * BlocksMin) return;
        Prefix();
        double memory = RobustMemory();
        Segment(2 * LongVariance(Math.Min(memory, MemoryMax)) * Math.Log(count));
        double noise = Noise(out double left);
        jumpMin = memory < WanderingFrom || left < WanderingLeft ? 0 : JumpsMin * 1.4826 * MedianJump();
        while (segments > 1 && RemoveWeakest(values, known, noise)) { }
        Error = 0;
        for (int s = 0; s < segments; s++) Error += Cost(cuts[s], cuts[s + 1]);
        if (segments - 1 > ShiftsMax) return;
        for (int s = 1; s < segments; s++) Report(values, known, s, noise);
    }

    private void FillBlocks(ReadOnlySpan<float> values, ReadOnlySpan<float> known)
    {
        Span<float> block = stackalloc float[BlockSteps];
        count = 0;
        // Blocks end with the series, so that its newest steps are in one.
        for (int start = values.Length % BlockSteps; start < values.Length; start += BlockSteps)
        {
            int n = 0;
            for (int t = start; t < start + BlockSteps; t++)
            {
                if (known[t] == 0) continue;
                int i = n++;
                for (; i > 0 && block[i - 1] > values[t]; i--) block[i] = block[i - 1];
                block[i] = values[t];
            }
            if (n < BlockSteps / 3) continue;
            starts[count] = start;
            blocks[count++] = (block[n / 2] + block[(n - 1) / 2]) / 2;
        }
    }

    private void Prefix()
    {
        for (int i = 0; i < count; i++)
        {
            sums[i + 1] = sums[i] + blocks[i];
            squares[i + 1] = squares[i] + (blocks[i] * blocks[i]);
        }
    }

    private double Cost(int from, int to)
    {
        double sum = sums[to] - sums[from];
        return squares[to] - squares[from] - (sum * sum * inverse[to - from]);
    }

    private double Level(int segment) => (sums[cuts[segment + 1]] - sums[cuts[segment]]) / (cuts[segment + 1] - cuts[segment]);

    private double MedianOfDifferences(int lag)
    {
        int n = count - lag;
        for (int i = 0; i < n; i++) sorted[i] = Math.Abs(blocks[i + lag] - blocks[i]);
        sorted.AsSpan(0, n).Sort();
        return (sorted[n / 2] + sorted[(n - 1) / 2]) / 2;
    }

    /// <summary>Mean of the blocks after a place less mean of those before.</summary>
    private double Jump(int at) => (sums[at + BlocksMin] - (2 * sums[at]) + sums[at - BlocksMin]) / BlocksMin;

    private double MedianJump()
    {
        int n = 0;
        for (int at = BlocksMin; at <= count - BlocksMin; at++) sorted[n++] = Math.Abs(Jump(at));
        sorted.AsSpan(0, n).Sort();
        return sorted[n / 2];
    }

    private double RobustMemory()
    {
        double one = MedianOfDifferences(1), two = MedianOfDifferences(2);
        return one <= 0 ? 0 : Math.Clamp((two * two / (one * one)) - 1, 0, .95);
    }

    /// <summary>Variance that the mean of many blocks has, times their number.</summary>
    private double LongVariance(double memory)
    {
        double scale = Math.Max(NoiseMin, 1.4826 * MedianOfDifferences(1));
        return scale * scale / 2 / ((1 - memory) * (1 - memory)) * (1 + memory);
    }

    /// <summary>Cuts the blocks so that squared error plus penalty per cut is least.</summary>
    private void Segment(double penalty)
    {
        costs[0] = -penalty;
        for (int end = 1; end <= count; end++)
        {
            costs[end] = double.PositiveInfinity;
            for (int start = 0; start <= end - BlocksMin; start++)
            {
                double cost = costs[start] + Cost(start, end) + penalty;
                if (cost < costs[end]) (costs[end], previous[end]) = (cost, start);
            }
        }
        segments = 0;
        for (int end = count; end > 0; end = previous[end]) segments++;
        for (int end = count, s = segments; end > 0; end = previous[end]) cuts[s--] = end;
        cuts[0] = 0;
    }

    /// <summary>Joins the two segments whose levels differ least for their noise, unless all differ enough.</summary>
    private bool RemoveWeakest(ReadOnlySpan<float> values, ReadOnlySpan<float> known, double noise)
    {
        int weakest = -1;
        double least = double.PositiveInfinity;
        for (int s = 1; s < segments; s++)
        {
            double z = Z(s, noise);
            if (z >= ZMin && (Math.Abs(Level(s) - Level(s - 1)) < MagnitudeMin || Math.Abs(Jump(cuts[s])) < jumpMin || !OnItsSide(values, known, s))) z = ZMin / 2;
            if (z < least) (least, weakest) = (z, s);
        }
        if (least >= ZMin) return false;
        for (int s = weakest; s < segments; s++) cuts[s] = cuts[s + 1];
        segments--;
        return true;
    }

    private double Z(int cut, double noise)
    {
        double left = cuts[cut] - cuts[cut - 1], right = cuts[cut + 1] - cuts[cut];
        return Math.Abs(Level(cut) - Level(cut - 1)) / Math.Sqrt(noise * ((1 / left) + (1 / right)));
    }

    /// <summary>Whether most steps of both levels are on their own side of the middle between them: what bursts alone lift is not a level.</summary>
    private bool OnItsSide(ReadOnlySpan<float> values, ReadOnlySpan<float> known, int cut)
    {
        double left = Level(cut - 1), right = Level(cut), middle = (left + right) / 2;
        int start = starts[cuts[cut]], from = starts[cuts[cut - 1]], to = cuts[cut + 1] < count ? starts[cuts[cut + 1]] : values.Length;
        double before = ShareAbove(values[from..start], known[from..start], middle), after = ShareAbove(values[start..to], known[start..to], middle);
        return (right > left ? Math.Min(1 - before, after) : Math.Min(before, 1 - after)) >= OwnSideMin;
    }

    private static double ShareAbove(ReadOnlySpan<float> values, ReadOnlySpan<float> known, double middle)
    {
        int above = 0, all = 0;
        for (int t = 0; t < values.Length; t++)
        {
            if (known[t] == 0) continue;
            all++;
            if (values[t] > middle) above++;
        }
        return all == 0 ? 0 : (double)above / all;
    }

    /// <summary>Long-run variance of the blocks around their levels, with its memory.</summary>
    private double Noise(out double memory)
    {
        double products = 0, variance = 0, before = 0;
        for (int s = 0; s < segments; s++)
        {
            double level = Level(s);
            for (int i = cuts[s]; i < cuts[s + 1]; i++)
            {
                double rest = blocks[i] - level;
                variance += rest * rest;
                if (i > cuts[s]) products += rest * before;
                before = rest;
            }
        }
        int freedom = Math.Max(1, count - (2 * segments) + 1);
        // A mean taken out of so few blocks takes memory with it (F. H. C. Marriott, J. A. Pope, 1954).
        memory = variance <= 0 ? 0 : Math.Clamp((products / variance) + ((1.0 + (3 * products / variance)) * segments / count), 0, .95);
        return Math.Max(variance / freedom, NoiseMin * NoiseMin) * (1 + memory) / (1 - memory);
    }

    private void Report(ReadOnlySpan<float> values, ReadOnlySpan<float> known, int cut, double noise)
    {
        double before = Level(cut - 1), after = Level(cut), middle = (before + after) / 2;
        int from = starts[Math.Max(cuts[cut] - 2, cuts[cut - 1])], to = Math.Min(values.Length, starts[Math.Min(cuts[cut] + 1, cuts[cut + 1] - 1)] + BlockSteps);
        double spread = Math.Abs(after - before), sign = Math.Sign(after - before), sum = 0, least = 0;
        int start = from;
        for (int t = from; t < to; t++)
        {
            if (known[t] == 0) continue;
            // A burst counts as no more than a step wholly on its side.
            sum += Math.Clamp(sign * (values[t] - middle), -spread, spread);
            if (sum < least) (least, start) = (sum, t + 1);
        }
        double both = Cost(cuts[cut - 1], cuts[cut + 1]), apart = Cost(cuts[cut - 1], cuts[cut]) + Cost(cuts[cut], cuts[cut + 1]);
        shifts[found++] = new LevelShift(
            start, (float)before, (float)after, (float)Math.Min(Z(cut, noise), 1000), both <= 0 ? 0 : (float)Math.Clamp(1 - (apart / both), 0, 1));
    }
}
