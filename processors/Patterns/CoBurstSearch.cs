namespace Pipeline.Processors.Patterns;

/// <summary>
/// Which communities peak together, which in turn, and which never at once. The unit is the episode, not the step: against episodes of the same
/// number and length at independent places, how many of the one meet the other (within a step), or are followed by it at one lag, is binomial;
/// where the starts of both cluster, by their dispersion fewer episodes count. Of each of the three kinds of test those are believed that
/// Benjamini and Hochberg's procedure (1995) believes.
/// </summary>
internal sealed class CoBurstSearch(PatternOptions options)
{
    /// <summary>Steps by which two episodes may miss each other and still be together, and by which a lag may vary.</summary>
    private const int Tolerance = 1;

    /// <summary>Share of the episodes of the one that has fewer that have to be so: what holds less often is of no use to anybody.</summary>
    private const double ShareMin = .5;

    /// <summary>Exclusive: so many are together at most, in multiples of chance.</summary>
    private const double ExclusiveLiftMax = .35;

    private sealed class Tests
    {
        public List<CoBurst> Found { get; } = [];

        public long Count { get; set; }
    }

    /// <summary>Compares all pairs.</summary>
    /// <param name="communities">Episodes of each.</param>
    /// <param name="length">Steps of the series.</param>
    /// <returns>By kind, then first, then second.</returns>
    public List<CoBurst> Find(IReadOnlyList<BurstEpisodes> communities, int length)
    {
        Tests together = new(), turns = new(), exclusive = new();
        int[] lags = new int[(2 * (options.TurnLagMax + Tolerance)) + 1];
        for (int a = 0; a < communities.Count; a++)
            for (int b = a + 1; b < communities.Count; b++)
            {
                if (communities[a].Count < options.EpisodesMin || communities[b].Count < options.EpisodesMin) continue;
                bool met = Meet(communities[a], communities[b], a, b, length, together, exclusive);
                Follow(communities[a], communities[b], a, b, length, lags, turns, met);
            }
        return [.. Believed(together), .. Believed(turns), .. Believed(exclusive)];
    }

    private IEnumerable<CoBurst> Believed(Tests tests)
    {
        double[] sorted = [.. tests.Found.Select(f => f.PValue).Order()];
        double threshold = FalseDiscovery.Threshold(sorted, tests.Count, options.FalseDiscoveryRate, dependent: false);
        return tests.Found.Where(f => f.PValue <= threshold);
    }

    /// <summary>Together or exclusive; returns whether most of the episodes of the one that has fewer are together.</summary>
    private bool Meet(BurstEpisodes left, BurstEpisodes right, int a, int b, int length, Tests together, Tests exclusive)
    {
        (BurstEpisodes few, BurstEpisodes many) = left.Count <= right.Count ? (left, right) : (right, left);
        int met = 0, first = -1, at = 0;
        double chance = 0;
        foreach ((int start, int end) in few.All)
        {
            while (at < many.Count && many.All[at].End < start - Tolerance) at++;
            if (at < many.Count && many.All[at].Start <= end + Tolerance)
            {
                met++;
                if (first < 0) first = Math.Max(start, many.All[at].Start);
            }
            chance += Coverage(many, end - start + 1, length);
        }
        chance /= few.Count;
        double dispersion = Math.Min(few.Clustering, many.Clustering), share = (double)met / few.Count, expected = chance * few.Count;
        int trials = Math.Max(1, (int)(few.Count / dispersion));
        together.Count++;
        // What could not come out significant even if nothing met is no test (R. E. Tarone, 1990).
        double never = Math.Pow(1 - chance, trials);
        if (never <= options.FalseDiscoveryRate) exclusive.Count++;
        if (expected <= 0) return false;
        float lift = (float)(met / expected);
        if (met >= options.EpisodesMin && share >= ShareMin)
        {
            double p = Probability.BinomialAtLeast((int)(met / dispersion), trials, chance);
            if (p <= options.FalseDiscoveryRate)
                together.Found.Add(new CoBurst(PatternKind.Together, a, b, 0, met, (float)share, lift, p, first));
        }
        else if (lift <= ExclusiveLiftMax && never <= options.FalseDiscoveryRate)
        {
            double p = Probability.BinomialAtMost((int)Math.Ceiling(met / dispersion), trials, chance);
            exclusive.Found.Add(new CoBurst(PatternKind.Exclusive, a, b, 0, few.Count, (float)(1 - share), lift, p, Math.Min(left.All[0].Start, right.All[0].Start)));
        }
        return share >= ShareMin;
    }

    /// <summary>Share of the places at which an episode of so many steps would meet one of these.</summary>
    private static double Coverage(BurstEpisodes episodes, int steps, int length)
    {
        int covered = 0, before = -1;
        foreach ((int start, int end) in episodes.All)
        {
            // First steps of the other that meet this one, not counted twice.
            int from = Math.Max(before + 1, start - Tolerance - steps + 1), to = Math.Min(length - 1, end + Tolerance);
            covered += Math.Max(0, to - from + 1);
            before = Math.Max(before, to);
        }
        return Math.Min(1, (double)covered / length);
    }

    /// <summary>One follows the other: of all lags in reach, either way, the one that most pairs of starts have.</summary>
    private void Follow(BurstEpisodes left, BurstEpisodes right, int a, int b, int length, int[] lags, Tests turns, bool met)
    {
        int reach = options.TurnLagMax;
        turns.Count += 2 * (reach - options.TurnLagMin + 1);
        if (met) return;
        int best = 0, most = 0, pairs = CountLags(left, right, reach + Tolerance, lags);
        if (pairs < options.EpisodesMin) return;
        for (int lag = -reach; lag <= reach; lag++)
        {
            if (Math.Abs(lag) < options.TurnLagMin) continue;
            int middle = lag + reach + Tolerance, near = lags[middle - 1] + lags[middle] + lags[middle + 1];
            // Of equals the lag that is most common by itself, then the shorter.
            int score = (near * 4096) + (lags[middle] * 64) - Math.Abs(lag);
            if (score > most) (best, most) = (lag, score);
        }
        int found = most / 4096;
        if (best == 0 || found < options.EpisodesMin) return;
        (BurstEpisodes leader, BurstEpisodes follower) = best > 0 ? (left, right) : (right, left);
        double fewer = Math.Min(left.Count, right.Count), chance = Math.Min(1, ((2 * Tolerance) + 1.0) * follower.Count / length);
        double dispersion = Math.Min(left.Clustering, right.Clustering);
        if (found < ShareMin * fewer) return;
        double p = Probability.BinomialAtLeast((int)(found / dispersion), Math.Max(1, (int)(leader.Count / dispersion)), chance);
        if (p > options.FalseDiscoveryRate) return;
        (int first, int second) = best > 0 ? (a, b) : (b, a);
        turns.Found.Add(new CoBurst(
            PatternKind.InTurn, first, second, Math.Abs(best), found, (float)Math.Min(1, found / fewer), (float)(found / (chance * leader.Count)), p, FirstAt(leader, follower, Math.Abs(best))));
    }

    /// <summary>How many pairs of starts are at each lag from -reach to reach, the left one first where positive.</summary>
    private static int CountLags(BurstEpisodes left, BurstEpisodes right, int reach, int[] lags)
    {
        Array.Clear(lags);
        int from = 0, pairs = 0;
        foreach ((int start, _) in left.All)
        {
            while (from < right.Count && right.All[from].Start < start - reach) from++;
            for (int i = from; i < right.Count && right.All[i].Start <= start + reach; i++, pairs++) lags[right.All[i].Start - start + reach]++;
        }
        return pairs;
    }

    private static int FirstAt(BurstEpisodes leader, BurstEpisodes follower, int lag)
    {
        foreach ((int start, _) in leader.All)
            foreach ((int other, _) in follower.All)
                if (Math.Abs(other - start - lag) <= Tolerance) return start;
        return leader.All[0].Start;
    }
}
