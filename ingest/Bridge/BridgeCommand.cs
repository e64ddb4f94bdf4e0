using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Bridge;

/// <summary><c>ingest bridge</c>: reports out of what foreign agents send.</summary>
internal static class BridgeCommand
{
    private static readonly Option<string> Topic = new("--topic") { Description = "Topic that the agents write to", HelpName = "NAME", Required = true };

    public static Command Create()
    {
        ServiceOptions service = new();
        BridgeCommandOptions options = new();
        Command command = new("bridge", "Takes what Telegraf, the OpenTelemetry Collector or collectd write to a topic, and reports it as our agents would.");
        command.Add(Topic);
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
            Topology topology = Of(topic, bridge);
            await TopicSetup.EnsureDeadLettersAsync(kafka, topology.Source, cancel);
            await service.RunAsync(parsed, topology, kafka, new StreamOptions(), log, cancel);
            return 0;
        });
        return command;
    }

    /// <summary>A topic that foreign agents, or a receiver for them, write to.</summary>
    internal static TopicSpec SourceOf(string topic) => new() { Name = topic, Key = "agent", Description = "what foreign agents send" };

    /// <summary>The bridge as the loop sees it. A bridge is a consumer group by the name of its topic: two topics have two bridges.</summary>
    internal static Topology Of(string topic, BridgeOptions options) => new()
    {
        Name = "bridge-" + topic,
        Source = SourceOf(topic),
        CreateProcessor = _ => new BridgeProcessor(options),
    };
}
