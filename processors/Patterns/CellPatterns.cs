using Pipeline.Processors.History;
using Pipeline.Processors.Similarity;

namespace Pipeline.Processors.Patterns;

/// <summary>What was found in the past of a cell.</summary>
/// <param name="Found">As <see cref="PatternFinder"/> says; labels of communities are their numbers.</param>
/// <param name="Newest">Newest step looked at.</param>
/// <param name="Steps">Steps looked at.</param>
public sealed record CellPatterns(IReadOnlyList<Pattern> Found, long Newest, int Steps)
{
    /// <summary>Looks at as much of the past as there is, up to <see cref="HistoryOptions.MemorySteps"/>.</summary>
    /// <param name="history">The cell.</param>
    /// <param name="slots">[N] where each VM stands in it.</param>
    /// <param name="neighbours">Of these VMs.</param>
    /// <param name="communities">[N] number of each VM's community.</param>
    /// <param name="newest">Newest step that nothing revises any more.</param>
    public static CellPatterns Find(CellHistory history, int[] slots, NeighbourList neighbours, uint[] communities, long newest)
    {
        int steps = (int)Math.Min(HistoryOptions.MemorySteps, newest - history.First + 1);
        return new CellPatterns(
            PatternFinder.Find(
                row => history.Cpu(slots[row], newest, steps), slots.Length, steps,
                [.. communities.Select(id => (int)id)], neighbours, new PatternOptions { StepMs = history.Options.StepMs }),
            newest, steps);
    }

    /// <summary>When a pattern began, Unix milliseconds.</summary>
    public long StartUnixMs(Pattern pattern, long stepMs) => (Newest - Steps + pattern.StartStep) * stepMs;

    /// <summary>As records of the contract.</summary>
    /// <param name="cell">Name of the cell.</param>
    /// <param name="step">The step with which they are published.</param>
    /// <param name="stepMs">Length of a step.</param>
    /// <param name="revision">As of the step's other outputs.</param>
    /// <param name="vms">[N] names.</param>
    public IEnumerable<Schemas.PatternChunk> Chunks(string cell, long step, long stepMs, uint revision, IReadOnlyList<string> vms) =>
        PatternChunks.Write(Found, new PatternFrame(cell, step * stepMs, Newest * stepMs, stepMs, revision), Steps, vms, label => (uint)label);
}
