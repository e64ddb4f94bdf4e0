using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge.Spread;

/// <summary>
/// First stage, one partition of a foreign topic: decodes records and sends what they say of each machine to where all of the machine comes
/// together. It has no state.
/// </summary>
public sealed class PointForwarder(BridgeOptions options, TopicSpec<MachinePoints> target) : IProcessor
{
    private readonly RecordPoints reader = new(options);
    private readonly MachinePoints message = new();

    public void Process(in StreamRecord record, IOutput output)
    {
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
                (message.Vm, message.Cell, message.HostId, message.Partition, message.RecordUnixMs, message.TimeUnixNano, message.IntervalS) =
                    (host, cell, id, (uint)record.Partition, record.TimestampUnixMs, point.TimeUnixNano, interval);
            }
            Reports.Observation o = mapping.Observe(number);
            message.Observations.Add(new MachineObservation { Kind = (uint)o.Kind, Form = (uint)o.Form, Instance = o.Instance, State = o.State, Value = o.Value });
        }
        Send(output);
    }

    private void Send(IOutput output)
    {
        if (message.Observations.Count > 0) output.Emit(target, message.Vm, message);
        message.Observations.Clear();
    }
}
