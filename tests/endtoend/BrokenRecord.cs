using Pipeline.Schemas;

namespace Pipeline.Tests.EndToEnd;

/// <summary>A record that has to end in the dead letters of its topic.</summary>
/// <param name="Reason">What the reason in the headers has to contain.</param>
internal sealed record BrokenRecord(TopicSpec Topic, string Key, byte[] Value, string Reason);
