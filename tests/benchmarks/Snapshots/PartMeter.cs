using System.Diagnostics;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Snapshots;

/// <summary>Serialises what is published, as the loop would, and knows from what comes when which part took how long.</summary>
internal sealed class PartMeter : IOutput
{
    public const string Reports = "reports decoded, counted into windows", Windows = "windows to steps", Graph = "similarity graph",
        Features = "history, windows, features", Communities = "communities", Snapshots = "snapshot and community chunks", Serialise = "records to bytes";

    private readonly Dictionary<string, double> parts = [];
    private long last;
    private bool features;

    /// <summary>Milliseconds of each part since <see cref="Start"/>.</summary>
    public IReadOnlyDictionary<string, double> Parts => parts;

    public long Bytes { get; private set; }

    public void Start()
    {
        parts.Clear();
        (Bytes, features, last) = (0, false, Stopwatch.GetTimestamp());
    }

    /// <summary>Ends a part now.</summary>
    public void End(string part)
    {
        long now = Stopwatch.GetTimestamp();
        parts[part] = parts.GetValueOrDefault(part) + Stopwatch.GetElapsedTime(last, now).TotalMilliseconds;
        last = now;
    }

    public void Emit<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T>
    {
        End(topic.Name == Topics.VmSteps.Name ? Windows : features ? Snapshots : Features);
        features = topic.Name != Topics.VmSteps.Name;
        Bytes += value.ToByteArray().Length;
        End(Serialise);
    }

    public void DeadLetter(in StreamRecord record, string reason) => throw new UserException($"offset {record.Offset}: {reason}");
}
