using Pipeline.Processors.History;
using Pipeline.Processors.Similarity;

namespace Pipeline.Processors.Patterns;

/// <summary>
/// Finds the patterns of a cell: the kind of every VM and community, level shifts, leaders among neighbours, and communities that burst together,
/// in turn or never at once. A function of its input: no clock, no chance, and the number of threads changes nothing.
/// </summary>
public static class PatternFinder
{
    /// <summary>Finds them.</summary>
    /// <param name="cpu">[n, length] own CPU utilisation 0..1, oldest step first, NaN missing.</param>
    /// <param name="n">VMs.</param>
    /// <param name="length">Steps.</param>
    /// <param name="communities">[n] label of each VM's community, any numbers from 0 up; negative: none.</param>
    /// <param name="neighbours">Who may lead whom; null: leaders are not looked for.</param>
    /// <param name="options">Limits.</param>
    /// <returns>VMs in order of rows, each with its kind and level shifts; communities of two VMs or more in order of labels, likewise; leaders; co-bursts.</returns>
    /// <exception cref="ArgumentException">The arrays do not fit together.</exception>
    public static IReadOnlyList<Pattern> Find(float[] cpu, int n, int length, ReadOnlySpan<int> communities, NeighbourList? neighbours, PatternOptions options)
    {
        if (cpu.Length != (long)n * length) throw new ArgumentException($"{cpu.Length} values for {n} VMs of {length} steps", nameof(cpu));
        return Find(row => cpu.AsSpan(row * length, length), n, length, communities, neighbours, options);
    }

    /// <summary>As above, of series that stand wherever they do: no copy of them is made.</summary>
    public static IReadOnlyList<Pattern> Find(SeriesRows cpu, int n, int length, ReadOnlySpan<int> communities, NeighbourList? neighbours, PatternOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.StepMs);
        if (communities.Length != n) throw new ArgumentException($"{communities.Length} communities for {n} VMs", nameof(communities));
        if (neighbours is not null && neighbours.Rows != n) throw new ArgumentException($"neighbours of {neighbours.Rows} rows for {n} VMs", nameof(neighbours));
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount };

        List<Pattern> patterns = [];
        SeriesMeasures[] kinds = AddSeries(patterns, cpu, length, [.. Enumerable.Range(0, n).Select(PatternSubject.Vm)], options, parallel);
        CommunityMeans means = CommunityMeans.Of(cpu, length, communities);
        AddSeries(patterns, means.Row, length, [.. means.Labels.Select(PatternSubject.Community)], options, parallel);
        AddLeaders(patterns, cpu, n, length, kinds, neighbours, options, parallel);
        AddCoBursts(patterns, means, length, options);
        return patterns;
    }

    private static SeriesMeasures[] AddSeries(
        List<Pattern> patterns, SeriesRows cpu, int length, PatternSubject[] subjects, PatternOptions options, ParallelOptions parallel)
    {
        List<Pattern>?[] found = new List<Pattern>?[subjects.Length];
        SeriesMeasures[] kinds = new SeriesMeasures[subjects.Length];
        Parallel.For(0, subjects.Length, parallel, () => new SeriesAnalyser(length, options), (row, _, analyser) =>
        {
            found[row] = Describe(analyser, cpu(row), subjects[row], out kinds[row]);
            return analyser;
        }, _ => { });
        foreach (List<Pattern>? some in found)
            if (some is not null) patterns.AddRange(some);
        return kinds;
    }

    private static List<Pattern>? Describe(SeriesAnalyser analyser, ReadOnlySpan<float> series, PatternSubject subject, out SeriesMeasures measures)
    {
        measures = analyser.Analyse(series);
        if (measures.Kind == SeriesKind.Unknown) return null;
        int start = 0;
        while (!float.IsFinite(series[start])) start++;
        List<Pattern> patterns = new(1 + analyser.Shifts.Length)
        {
            new Pattern { Kind = KindOf(measures.Kind), Subject = subject, StartStep = start, Strength = measures.Strength, Measures = measures },
        };
        foreach (LevelShift shift in analyser.Shifts)
            patterns.Add(new Pattern { Kind = PatternKind.LevelShift, Subject = subject, StartStep = shift.Start, Strength = shift.Strength, Shift = shift });
        return patterns;
    }

    private static PatternKind KindOf(SeriesKind kind) => kind switch
    {
        SeriesKind.Idle => PatternKind.Idle,
        SeriesKind.Steady => PatternKind.Steady,
        SeriesKind.Periodic => PatternKind.Periodic,
        SeriesKind.Bursty => PatternKind.Bursty,
        SeriesKind.Trending => PatternKind.Trending,
        SeriesKind.Irregular => PatternKind.Irregular,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static void AddLeaders(
        List<Pattern> patterns, SeriesRows cpu, int n, int length, SeriesMeasures[] kinds, NeighbourList? neighbours, PatternOptions options, ParallelOptions parallel)
    {
        if (neighbours is null) return;
        int newest = Math.Min(length, options.LeadSteps);
        foreach (LeadLag lead in new LeadLagSearch(options).Find(row => cpu(row)[^newest..], n, newest, kinds, Pairs(neighbours), parallel))
        {
            patterns.Add(new Pattern
            {
                Kind = PatternKind.Leads,
                Subject = PatternSubject.Vm(lead.Leader),
                Other = PatternSubject.Vm(lead.Follower),
                StartStep = length - newest,
                Strength = Math.Abs(lead.Correlation),
                LagSteps = lead.LagSteps,
                Correlation = lead.Correlation,
                PValue = lead.PValue,
            });
        }
    }

    /// <summary>Each pair of neighbours once, lower row first, in order.</summary>
    private static List<(int Left, int Right)> Pairs(NeighbourList neighbours)
    {
        List<(int Left, int Right)> pairs = [];
        for (int row = 0; row < neighbours.Rows; row++)
            for (int k = 0; k < neighbours.K; k++)
            {
                int other = neighbours.Index[(row * neighbours.K) + k];
                if (other >= 0 && other != row) pairs.Add((Math.Min(row, other), Math.Max(row, other)));
            }
        pairs.Sort();
        int kept = 0;
        for (int i = 0; i < pairs.Count; i++)
            if (i == 0 || pairs[i] != pairs[i - 1]) pairs[kept++] = pairs[i];
        pairs.RemoveRange(kept, pairs.Count - kept);
        return pairs;
    }

    private static void AddCoBursts(List<Pattern> patterns, CommunityMeans means, int length, PatternOptions options)
    {
        Quantiles quantiles = new();
        float[] values = new float[length], known = new float[length];
        BurstEpisodes[] episodes = [.. Enumerable.Range(0, means.Labels.Count).Select(c => BurstEpisodes.Of(means.Row(c), quantiles, values, known))];
        foreach (CoBurst burst in new CoBurstSearch(options).Find(episodes, length))
        {
            patterns.Add(new Pattern
            {
                Kind = burst.Kind,
                Subject = PatternSubject.Community(means.Labels[burst.First]),
                Other = PatternSubject.Community(means.Labels[burst.Second]),
                StartStep = burst.StartStep,
                Strength = burst.Share,
                LagSteps = burst.LagSteps,
                Episodes = burst.Episodes,
                Lift = burst.Lift,
                PValue = burst.PValue,
            });
        }
    }
}
