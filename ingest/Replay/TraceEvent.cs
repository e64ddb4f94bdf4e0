using Google.Protobuf;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay;

/// <summary>One record that a replay sends.</summary>
/// <param name="TimeUnixMs">Event time, Unix milliseconds.</param>
/// <param name="Topic">Where it goes.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
public readonly record struct TraceEvent(long TimeUnixMs, TopicSpec Topic, string Key, IMessage Value);
