using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Processors.TimeAware;

/// <summary>What the service knows, for its loop and for those who ask over HTTP: whoever looks at <see cref="Fleet"/> holds <see cref="Gate"/>.</summary>
public sealed class LiveFleet(SlotClock clock, ProfileOptions options) : IGlobalReader
{
    private readonly StepIntake intake = new();
    private readonly Dictionary<string, IReadOnlyList<(string Vm, uint Community)>> members = new(StringComparer.Ordinal);

    private readonly Dictionary<string, PredictionIntake> predictions = new(StringComparer.Ordinal);

    public Lock Gate { get; } = new();

    public FleetOutlook Fleet { get; private set; } = new(clock, options);

    /// <summary>Takes who is with whom, and what the predictor says.</summary>
    public void Apply(in StreamRecord record, IOutput output)
    {
        if (record.Topic == Topics.VmPredictions.Name)
        {
            if (!record.TryRead(Topics.VmPredictions, output, out PredictionChunk said)) return;
            lock (Gate) PredictionsOf(said.Cell).Take(said);
            return;
        }
        if (!record.TryRead(Topics.GraphCommunities, output, out CommunityChunk chunk) || intake.Take(chunk) is not { } now) return;
        lock (Gate) members[chunk.Cell] = now;
    }

    /// <summary>The loop begins anew, with empty state.</summary>
    public void Reset()
    {
        lock (Gate)
        {
            members.Clear();
            predictions.Clear();
            Fleet = new FleetOutlook(clock, options);
        }
    }

    /// <summary>What the predictor says of a cell.</summary>
    internal PredictionIntake PredictionsOf(string cell)
    {
        if (!predictions.TryGetValue(cell, out PredictionIntake? found)) predictions[cell] = found = new PredictionIntake((uint)clock.SlotMinutes * 60);
        return found;
    }

    /// <summary>The newest members of a cell's communities, once.</summary>
    internal IReadOnlyList<(string Vm, uint Community)>? TakeMembers(string cell) => members.Remove(cell, out IReadOnlyList<(string, uint)>? now) ? now : null;
}
