using System.Diagnostics;
using System.Text;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Telemetry;

/// <summary>
/// Traces over topics: a record that was written within a span says so in W3C headers (https://www.w3.org/TR/trace-context/), and whoever
/// processes it goes on from there. Where nobody listens no span is begun, no header is read and none is written.
/// </summary>
public static class Tracing
{
    public const string TraceParent = "traceparent";

    public const string TraceState = "tracestate";

    /// <summary>Spans of processing loops: one for each record that is processed.</summary>
    public static readonly ActivitySource Streaming = new("Pipeline.Streaming");

    /// <summary>Spans of who sends from outside, agents and replays: the roots.</summary>
    public static readonly ActivitySource Sources = new("Pipeline.Sources");

    /// <summary>Somebody listens to the processing loops.</summary>
    public static bool IsOn => Streaming.HasListeners();

    /// <summary>Begins the span of one record, below the one that its headers name; null where nobody listens or the sampler says no.</summary>
    /// <param name="name">Of the span.</param>
    /// <param name="record">The record.</param>
    /// <param name="service">Who processes it.</param>
    public static Activity? StartProcessing(string name, in StreamRecord record, string service)
    {
        if (!Streaming.HasListeners()) return null;
        Activity? activity = Streaming.StartActivity(name, ActivityKind.Consumer, ContextOf(record.Headers));
        if (activity is not { IsAllDataRequested: true }) return activity;
        // Names of the semantic conventions for messaging.
        activity.SetTag("messaging.system", "kafka");
        activity.SetTag("messaging.operation.type", "process");
        activity.SetTag("messaging.destination.name", record.Topic);
        activity.SetTag("messaging.destination.partition.id", record.Partition);
        activity.SetTag("messaging.kafka.offset", record.Offset);
        activity.SetTag("messaging.consumer.group.name", service);
        return activity;
    }

    /// <summary>The span within which a record was written; none where its headers do not say.</summary>
    public static ActivityContext ContextOf(IRecordHeaders? headers)
    {
        if (headers is null || !headers.TryGet(TraceParent, out byte[] parent)) return default;
        string? state = headers.TryGet(TraceState, out byte[] bytes) ? Encoding.ASCII.GetString(bytes) : null;
        return ActivityContext.TryParse(Encoding.ASCII.GetString(parent), state, isRemote: true, out ActivityContext context) ? context : default;
    }

    /// <summary>Headers of what is written within a span; null without one.</summary>
    public static IReadOnlyList<KeyValuePair<string, byte[]>>? HeadersOf(Activity? activity)
    {
        if (activity?.Id is not { } id || activity.IdFormat != ActivityIdFormat.W3C) return null;
        KeyValuePair<string, byte[]> parent = new(TraceParent, Encoding.ASCII.GetBytes(id));
        return activity.TraceStateString is { Length: > 0 } state ? [parent, new(TraceState, Encoding.ASCII.GetBytes(state))] : [parent];
    }
}
