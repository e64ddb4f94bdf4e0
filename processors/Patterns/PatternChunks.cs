using Pipeline.Schemas;
using Message = Pipeline.Schemas.Pattern;

namespace Pipeline.Processors.Patterns;

/// <summary>Patterns as records of the contract (<c>schemas/patterns.proto</c>).</summary>
public static class PatternChunks
{
    /// <summary>Patterns in a chunk at most: each is below 250 bytes, so a chunk is well below a megabyte.</summary>
    public const int ChunkPatterns = 1000;

    /// <summary>Cuts patterns into chunks; there is at least one, so that a cell without patterns says so.</summary>
    /// <param name="patterns">As found, in their order.</param>
    /// <param name="frame">Which step of which cell; the newest step looked at.</param>
    /// <param name="steps">Steps looked at.</param>
    /// <param name="vms">Name of each row.</param>
    /// <param name="communityOf">Number of the community of each label, as published.</param>
    public static IEnumerable<PatternChunk> Write(
        IReadOnlyList<Pattern> patterns, PatternFrame frame, int steps, IReadOnlyList<string> vms, Func<int, uint> communityOf)
    {
        int chunks = Math.Max(1, (patterns.Count + ChunkPatterns - 1) / ChunkPatterns);
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            PatternChunk value = new()
            {
                Cell = frame.Cell,
                StepEndUnixMs = frame.StepEndUnixMs,
                StepMs = (uint)frame.StepMs,
                Revision = frame.Revision,
                Chunk = (uint)chunk,
                Chunks = (uint)chunks,
                Steps = (uint)steps,
                NewestUnixMs = frame.NewestUnixMs,
            };
            for (int i = chunk * ChunkPatterns; i < Math.Min(patterns.Count, (chunk + 1) * ChunkPatterns); i++)
                value.Patterns.Add(Write(patterns[i], frame, steps, vms, communityOf));
            yield return value;
        }
    }

    private static Message Write(Pattern pattern, PatternFrame frame, int steps, IReadOnlyList<string> vms, Func<int, uint> communityOf)
    {
        Message message = new()
        {
            Kind = KindOf(pattern.Kind),
            StartUnixMs = frame.NewestUnixMs - ((steps - pattern.StartStep) * frame.StepMs),
            Strength = pattern.Strength,
        };
        if (pattern.Subject.IsCommunity) message.Community = communityOf(pattern.Subject.Number);
        else message.Vm = vms[pattern.Subject.Number];
        if (pattern.Other is { IsCommunity: true } community) message.OtherCommunity = communityOf(community.Number);
        else if (pattern.Other is { } vm) message.OtherVm = vms[vm.Number];
        if (pattern.Measures is { } measures) Add(message, measures);
        if (pattern.Shift is { } shift)
            (message.LevelBefore, message.LevelAfter, message.Magnitude, message.Z) = (shift.Before, shift.After, shift.Magnitude, shift.Z);
        if (pattern.Kind is PatternKind.Leads or PatternKind.InTurn) message.LagSteps = (uint)pattern.LagSteps;
        if (pattern.Kind is PatternKind.Leads) message.Correlation = pattern.Correlation;
        if (pattern.Kind is PatternKind.Together or PatternKind.InTurn or PatternKind.Exclusive) (message.Episodes, message.Lift) = ((uint)pattern.Episodes, pattern.Lift);
        if (pattern.Kind >= PatternKind.Leads) message.PValue = pattern.PValue;
        return message;
    }

    private static void Add(Message message, SeriesMeasures measures)
    {
        (message.KnownSteps, message.Mean, message.Peak, message.Percentile99) = ((uint)measures.Known, measures.Mean, measures.Peak, measures.Percentile99);
        message.Spread = measures.Spread;
        if (measures.PeriodSteps > 0)
            (message.PeriodSteps, message.PeriodCorrelation, message.Amplitude) = (measures.PeriodSteps, measures.PeriodCorrelation, measures.Amplitude);
        (message.BurstShare, message.Bursts) = (measures.BurstShare, (uint)measures.Bursts);
        (message.SlopePerDay, message.TrendStrength) = (measures.SlopePerDay, measures.TrendStrength);
    }

    private static Message.Types.Kind KindOf(PatternKind kind) => kind switch
    {
        PatternKind.Idle => Message.Types.Kind.Idle,
        PatternKind.Steady => Message.Types.Kind.Steady,
        PatternKind.Periodic => Message.Types.Kind.Periodic,
        PatternKind.Bursty => Message.Types.Kind.Bursty,
        PatternKind.Trending => Message.Types.Kind.Trending,
        PatternKind.Irregular => Message.Types.Kind.Irregular,
        PatternKind.LevelShift => Message.Types.Kind.LevelShift,
        PatternKind.Leads => Message.Types.Kind.Leads,
        PatternKind.Together => Message.Types.Kind.Together,
        PatternKind.InTurn => Message.Types.Kind.InTurn,
        PatternKind.Exclusive => Message.Types.Kind.Exclusive,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
