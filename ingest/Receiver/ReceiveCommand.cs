using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Telemetry;
using Pipeline.Ingest.Bridge;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Receiver;

/// <summary><c>ingest receive</c>: for agents that do not write to Kafka.</summary>
internal static partial class ReceiveCommand
{
    private static readonly Option<string> Topic = new("--topic") { Description = "Topic that a bridge reads", HelpName = "NAME", Required = true };
    private static readonly Option<HealthAddress?> Http = CommonOptions.Address("--http", "Take OTLP (/v1/metrics) and InfluxDB's writes (/write, /api/v2/write)", 4318);
    private static readonly Option<HealthAddress?> Grpc = CommonOptions.Address("--grpc", "Take OTLP over gRPC, without TLS,", 4317);
    private static readonly Option<int> BodyMax = CommonOptions.Int("--max-bytes", "Bytes of a request at most, before and after decompression", new ReceiverOptions().BodyBytesMax, 1024, 1 << 30);

    public static Command Create()
    {
        ServiceOptions service = new();
        Command command = new("receive", "Takes what agents send over HTTP or gRPC and writes it to a topic, as it came, for a bridge.") { Topic, Http, Grpc, BodyMax };
        service.AddConnectionTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            string topic = parsed.GetValue(Topic)!;
            if (Bounds.Name("--topic", topic) is { } wrong) throw new UserException(wrong);
            ReceiverOptions options = new() { Http = EndPoint(parsed.GetValue(Http)), Grpc = EndPoint(parsed.GetValue(Grpc)), BodyBytesMax = parsed.GetValue(BodyMax) };
            if (options.Http is null && options.Grpc is null) throw new UserException("neither --http nor --grpc is given: there is nothing to listen on");
            KafkaConnection kafka = service.Connection(parsed);
            using ILoggerFactory log = Log.ToConsole();
            await TopicSetup.EnsureAsync(kafka, BridgeCommand.SourceOf(topic), cancel);
            using KafkaSink sink = new(kafka, topic);
            await using ReceiverHost receiver = await ReceiverHost.OpenAsync(options, sink, log, cancel);
            ILogger logger = log.CreateLogger("receive");
            foreach (Uri address in receiver.Addresses) Listening(logger, address, topic);
            await WaitAsync(cancel);
        });
        return command;
    }

    private static IPEndPoint? EndPoint(HealthAddress? address) => address is null ? null : new IPEndPoint(address.Address, address.Port);

    private static async Task WaitAsync(CancellationToken cancel)
    {
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancel.Register(stopped.SetResult);
        await stopped.Task;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "listening on {Address}, writing to {Topic}")]
    private static partial void Listening(ILogger logger, Uri address, string topic);
}
