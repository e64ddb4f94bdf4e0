using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Spread;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Bridge;

/// <summary><c>ingest bridge</c>: reports out of what foreign agents send.</summary>
internal static class BridgeCommand
{
    private static readonly Option<string> Topic = new("--topic") { Description = "Topic that the agents write to", HelpName = "NAME", Required = true };
    private static readonly Option<bool> KeyedByMachine = new("--keyed-by-machine") { Description = "All records of a machine are in one partition, since the agents use it as the key: without it machines are brought together first, which takes a topic more and time" };

    public static Command Create()
    {
        ServiceOptions service = new();
        BridgeCommandOptions options = new();
        Command command = new("bridge", "Takes what Telegraf, the OpenTelemetry Collector or collectd write to a topic, and reports it as our agents would.");
        command.Add(Topic);
        command.Add(KeyedByMachine);
        options.AddTo(command);
        service.AddTo(command);
        command.Add(DecodeCommand.Create());
        command.SetAction(async (parsed, cancel) =>
        {
            string topic = parsed.GetValue(Topic)!;
            if (Bounds.Name("--topic", topic) is { } wrong) throw new UserException(wrong);
            BridgeOptions bridge = options.Read(parsed);
            KafkaConnection kafka = service.Connection(parsed);
            using ILoggerFactory log = Log.ToConsole();
            await TopicSetup.EnsureAsync(kafka, cancel);
            int partitions = await TopicSetup.EnsureDeadLettersAsync(kafka, SourceOf(topic), cancel);
            IReadOnlyList<Topology> stages = StagesOf(SourceOf(topic) with { Partitions = partitions }, parsed.GetValue(KeyedByMachine), bridge);
            await EnsureTopicsAsync(kafka, stages, cancel);
            await service.RunAsync(parsed, stages, kafka, new StreamOptions(), log, cancel);
            return 0;
        });
        return command;
    }

    /// <summary>A topic that foreign agents, or a receiver for them, write to.</summary>
    internal static TopicSpec SourceOf(string topic) => new() { Name = topic, Key = "agent", Description = "what foreign agents send" };

    /// <summary>Creates the topics that the stages use beside the foreign one.</summary>
    internal static async Task EnsureTopicsAsync(KafkaConnection kafka, IReadOnlyList<Topology> stages, CancellationToken cancel = default)
    {
        foreach (TopicSpec between in stages.Skip(1).Select(s => s.Source))
        {
            await TopicSetup.EnsureAsync(kafka, between, cancel);
            await TopicSetup.EnsureDeadLettersAsync(kafka, between, cancel);
        }
        foreach (TopicSpec changelog in stages.SelectMany(s => s.Changelogs)) await TopicSetup.EnsureAsync(kafka, changelog, cancel);
    }

    /// <summary>
    /// The bridge as the loop sees it. A bridge is a consumer group by the name of its topic: two topics have two bridges. Where a machine's
    /// records may be in any of several partitions, a first stage brings them together and a second makes reports of them.
    /// </summary>
    internal static IReadOnlyList<Topology> StagesOf(TopicSpec source, bool keyed, BridgeOptions options)
    {
        string name = "bridge-" + source.Name;
        TopicSpec<BridgeProgress> progress = Topics.BridgeProgressOf(source);
        if (keyed || source.Partitions == 1)
            return [new Topology { Name = name, Source = source, Changelogs = [progress], CreateProcessor = _ => new BridgeProcessor(options, progress) }];
        TopicSpec<MachinePoints> between = Topics.MachinePointsOf(source, source.Partitions);
        TopicSpec<BridgeProgress> after = Topics.BridgeProgressOf(between);
        return
        [
            new Topology { Name = name, Source = source, CreateProcessor = p => new PointForwarder(options, between, p) },
            new Topology { Name = name + "-merge", Source = between, Changelogs = [after], CreateProcessor = _ => new PointMerger(options, between, after) },
        ];
    }
}
