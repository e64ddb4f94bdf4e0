using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Processors.TimeAware;

/// <summary>
/// One partition of vm.steps: feeds cells, publishes advice after each slot and profiles once a day. Its state is what the steps say that the topic
/// still holds: all of them are fed again after a restart.
/// </summary>
public sealed class AdviceProcessor(LiveFleet live, ScaleRequest scale) : IProcessor
{
    private readonly StepIntake intake = new();
    private readonly Dictionary<string, Dictionary<uint, (int Vms, long Since)>> wanted = new(StringComparer.Ordinal);

    public void Process(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.VmSteps, output, out StepChunk chunk) || intake.Take(chunk) is not { } samples) return;
        lock (live.Gate)
        {
            CellOutlook cell = live.Fleet.Cell(chunk.Cell);
            if (live.TakeMembers(chunk.Cell) is { } members) cell.SetCommunities(members);
            cell.Predictions = live.PredictionsOf(chunk.Cell);
            long before = cell.Now;
            if (!live.Fleet.Feed(chunk.Cell, chunk.StepEndUnixMs, samples)) return;
            if (!wanted.TryGetValue(chunk.Cell, out Dictionary<uint, (int, long)>? known)) wanted[chunk.Cell] = known = [];
            foreach (AdviceChunk advice in AdviceWriter.Advice(cell, scale, known)) output.Emit(Topics.FleetAdvice, chunk.Cell, advice);
            // A gap may have hidden the day's beginning.
            bool newDay = before == long.MinValue || Enumerable.Range(0, (int)Math.Min(cell.Now - before, cell.Clock.SlotsPerDay)).Any(back => cell.Clock.BeginsDay(cell.Now + 1 - back));
            if (!newDay) return;
            foreach (ProfileChunk profiles in AdviceWriter.Profiles(cell)) output.Emit(Topics.FleetProfiles, chunk.Cell, profiles);
        }
    }

    /// <summary>From the first step there is.</summary>
    public long ReplayFrom(long committed) => 0;
}
