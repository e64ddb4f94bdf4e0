using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>Turns a record of any topic that is stored into its points. Pure; the table of what becomes what is <c>schemas/influx.md</c>.</summary>
public static class PointMapper
{
    private delegate bool Mapping(RecordContext context, ReadOnlySpan<byte> value, ICollection<Point> into, out string reason);

    private static readonly Dictionary<string, Mapping> ByTopic = new()
    {
        [Topics.VmSteps.Name] = Of(Topics.VmSteps, StepPoints.Map),
        [Topics.GraphCommunities.Name] = Of(Topics.GraphCommunities, CommunityPoints.Map),
        [Topics.VmPredictions.Name] = Of(Topics.VmPredictions, PredictionPoints.Map),
        [Topics.FunctionDispatches.Name] = Of(Topics.FunctionDispatches, DispatchPoints.Map),
        [Topics.FunctionCompletions.Name] = Of(Topics.FunctionCompletions, CompletionPoints.Map),
    };

    /// <summary>Topics that are stored.</summary>
    public static IReadOnlyList<TopicSpec> Stored { get; } = [.. Topics.All.Where(t => ByTopic.ContainsKey(t.Name))];

    /// <summary>Appends a record's points; false, and nothing appended, when it cannot be decoded or is out of bounds.</summary>
    /// <param name="topic">One of <see cref="Stored"/>.</param>
    public static bool TryMap(string topic, RecordContext context, ReadOnlySpan<byte> value, ICollection<Point> into, out string reason) =>
        ByTopic[topic](context, value, into, out reason);

    private static Mapping Of<T>(TopicSpec<T> topic, Action<T, ICollection<Point>> map)
        where T : Google.Protobuf.IMessage<T> =>
        (context, value, into, out reason) =>
        {
            if (!topic.TryRead(context, value, out T message, out reason)) return false;
            map(message, into);
            return true;
        };
}
