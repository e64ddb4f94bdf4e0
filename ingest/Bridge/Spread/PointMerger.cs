using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Reports;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge.Spread;

/// <summary>
/// Second stage, one partition of what was forwarded: all of a machine, from all partitions of the foreign topic. Partitions are not level, so
/// scrapes stay open until the last partition has passed them. Pure; its state comes back by feeding the records since then.
/// </summary>
/// <param name="options">How records become reports.</param>
/// <param name="source">What the first stage writes.</param>
/// <param name="progress">Where it says from where on records are to be fed again.</param>
public sealed class PointMerger(BridgeOptions options, TopicSpec<MachinePoints> source, TopicSpec<BridgeProgress> progress) : IProcessor
{
    private readonly ScrapeMerger merger = new(options, ordered: false);
    private readonly SourceClock clock = new(source.Partitions, options);
    private readonly ReplayPoint replay = new(progress);

    public void Process(in StreamRecord record, IOutput output)
    {
        if (replay.IsDue(record)) replay.Tell(record, Math.Min(merger.FirstOffset, clock.FirstOffset), output);
        if (!source.TryRead(new RecordContext(record.KeyText, record.TimestampUnixMs), record.Value, out MachinePoints points, out string wrong))
        {
            output.DeadLetter(record, wrong);
            return;
        }
        if (points.Observations.Count == 0)
        {
            if (clock.Take(points, record.TimestampUnixMs, record.Offset) is { } nowUnixMs) merger.Advance(nowUnixMs, output);
            return;
        }
        if ((WrongIn(points) ?? merger.RefusalOf(points.Vm)) is { } refusal)
        {
            output.DeadLetter(record, refusal);
            return;
        }
        if (merger.At(points.Vm, points.TimeUnixNano, record.Offset, points.RecordUnixMs, output) is not { } scrape) return;
        scrape.Touch(points.TimeUnixNano, points.RecordUnixMs, points.IntervalS > 0 ? points.IntervalS : null, points.HostId.Length > 0 ? points.HostId : null, points.Cell);
        foreach (MachineObservation o in points.Observations) scrape.Add(new Observation((SignalKind)o.Kind, o.Instance, o.State, (SignalForm)o.Form, o.Value));
    }

    public void Restore(in StreamRecord record) => replay.Restore(record);

    public long ReplayFrom(long committed) => replay.From(committed);

    /// <summary>Nothing more comes: what is open is complete.</summary>
    internal void CloseAll(IOutput output) => merger.CloseAll(output);

    private static string? WrongIn(MachinePoints points)
    {
        foreach (MachineObservation o in points.Observations)
            if (!Enum.IsDefined((SignalKind)o.Kind) || !Enum.IsDefined((SignalForm)o.Form)) return $"no observation has kind {o.Kind} and form {o.Form}";
        return null;
    }
}
