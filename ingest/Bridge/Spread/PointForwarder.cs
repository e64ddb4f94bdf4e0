using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge.Spread;

/// <summary>
/// First stage, one partition of a foreign topic: decodes records, sends what they say of each machine to where all of the machine comes
/// together, and tells everybody there how far it has come. It has no state that matters.
/// </summary>
/// <param name="options">How foreign records become reports.</param>
/// <param name="target">Where machines come together.</param>
/// <param name="partition">Of the foreign topic.</param>
public sealed class PointForwarder(BridgeOptions options, TopicSpec<MachinePoints> target, int partition) : IUnpromptedProcessor
{
    private readonly RecordPoints reader = new(options);
    private readonly MachinePoints message = new();
    private long newestUnixMs;
    private bool toldIdle;

    public void Process(in StreamRecord record, IOutput output)
    {
        toldIdle = false;
        bool due = record.TimestampUnixMs / 1000 != newestUnixMs / 1000;
        newestUnixMs = record.TimestampUnixMs;
        if (due) Mark(idle: false, output);
        string? vm = null;
        foreach (MetricPoint point in reader.Of(record, output))
        {
            if (RecordPoints.HostOf(point, record) is not { } host || point.Value.AsNumber is not { } number || point.Series.Mapping is not { } mapping) continue;
            string cell = reader.CellOf(point.Series), id = point.Series.HostId ?? "";
            double interval = point.IntervalS is > 0 and double seconds ? seconds : 0;
            if (vm != host || message.TimeUnixNano != point.TimeUnixNano || message.Cell != cell || message.HostId != id || message.IntervalS != interval)
            {
                Send(output);
                vm = host;
                (message.Vm, message.Cell, message.HostId, message.RecordUnixMs, message.TimeUnixNano, message.IntervalS) =
                    (host, cell, id, record.TimestampUnixMs, point.TimeUnixNano, interval);
            }
            Reports.Observation o = mapping.Observe(number);
            message.Observations.Add(new MachineObservation { Kind = (uint)o.Kind, Form = (uint)o.Form, Instance = o.Instance, State = o.State, Value = o.Value });
        }
        Send(output);
    }

    public bool HasWork(Silence silence) => !toldIdle && (silence.Partition >= options.Idle || silence.Source >= options.Idle);

    public void Work(IOutput output)
    {
        Mark(idle: true, output);
        toldIdle = true;
    }

    private void Send(IOutput output)
    {
        if (message.Observations.Count > 0) output.Emit(target, message.Vm, message);
        message.Observations.Clear();
    }

    private void Mark(bool idle, IOutput output) => output.EmitToAll(target, "", new MachinePoints { Partition = (uint)partition, RecordUnixMs = newestUnixMs, Idle = idle });
}
