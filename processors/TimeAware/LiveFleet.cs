using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Processors.TimeAware;

/// <summary>What the service knows, for its loop and for those who ask over HTTP: whoever looks at <see cref="Fleet"/> holds <see cref="Gate"/>.</summary>
public sealed class LiveFleet(SlotClock clock, ProfileOptions options) : IGlobalReader
{
    private readonly StepIntake intake = new();
    private readonly Dictionary<string, IReadOnlyList<(string Vm, uint Community)>> members = new(StringComparer.Ordinal);

    public Lock Gate { get; } = new();

    public FleetOutlook Fleet { get; private set; } = new(clock, options);

    /// <summary>Takes who is with whom.</summary>
    public void Apply(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.GraphCommunities, output, out CommunityChunk chunk) || intake.Take(chunk) is not { } now) return;
        lock (Gate) members[chunk.Cell] = now;
    }

    /// <summary>The loop begins anew, with empty state.</summary>
    public void Reset()
    {
        lock (Gate)
        {
            members.Clear();
            Fleet = new FleetOutlook(clock, options);
        }
    }

    /// <summary>The newest members of a cell's communities, once.</summary>
    internal IReadOnlyList<(string Vm, uint Community)>? TakeMembers(string cell) => members.Remove(cell, out IReadOnlyList<(string, uint)>? now) ? now : null;
}
