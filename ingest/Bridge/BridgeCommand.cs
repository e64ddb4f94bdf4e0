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
    private static readonly Option<bool> AnyPartition = new("--any-partition") { Description = "Records of one machine may be in any partition of the topic: machines are brought together first, which takes a topic more and time; without it a machine's records have to be in one partition" };

    public static Command Create()
    {
        ServiceOptions service = new();
        BridgeCommandOptions options = new();
        Command command = new("bridge", "Takes what Telegraf, the OpenTelemetry Collector or collectd write to a topic, and reports it as our agents would.");
        command.Add(Topic);
        command.Add(AnyPartition);
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
            IReadOnlyList<Topology> stages = StagesOf(topic, partitions, parsed.GetValue(AnyPartition), bridge);
            if (stages.Count > 1)
            {
                TopicSpec<MachinePoints> between = Topics.MachinePointsOf(SourceOf(topic), partitions);
                await TopicSetup.EnsureAsync(kafka, between, cancel);
                await TopicSetup.EnsureDeadLettersAsync(kafka, between, cancel);
            }
            await service.RunAsync(parsed, stages, kafka, new StreamOptions(), log, cancel);
            return 0;
        });
        return command;
    }

    /// <summary>A topic that foreign agents, or a receiver for them, write to.</summary>
    internal static TopicSpec SourceOf(string topic) => new() { Name = topic, Key = "agent", Description = "what foreign agents send" };

    /// <summary>
    /// The bridge as the loop sees it. A bridge is a consumer group by the name of its topic: two topics have two bridges. Where a machine's
    /// records may be in any of several partitions, a first stage brings them together and a second makes reports of them.
    /// </summary>
    internal static IReadOnlyList<Topology> StagesOf(string topic, int partitions, bool anyPartition, BridgeOptions options)
    {
        string name = "bridge-" + topic;
        TopicSpec source = SourceOf(topic);
        if (!anyPartition || partitions == 1) return [new Topology { Name = name, Source = source, CreateProcessor = _ => new BridgeProcessor(options) }];
        TopicSpec<MachinePoints> between = Topics.MachinePointsOf(source, partitions);
        return
        [
            new Topology { Name = name, Source = source, CreateProcessor = _ => new PointForwarder(options, between) },
            new Topology { Name = name + "-merge", Source = between, CreateProcessor = _ => new PointMerger(options, between) },
        ];
    }
}
