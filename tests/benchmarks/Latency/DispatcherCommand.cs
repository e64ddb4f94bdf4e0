using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Dispatcher.Service;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Benchmarks.Latency;

/// <summary><c>dispatcher</c>: the dispatcher in this process, as its service runs it; started by <c>latency</c>.</summary>
internal static class DispatcherCommand
{
    public static Command Create()
    {
        Option<string?> kafka = CommonOptions.Kafka();
        Command command = new("dispatcher", "Runs the dispatcher of the latency benchmark.") { kafka };
        command.Hidden = true;
        command.SetAction(async (parsed, cancel) =>
        {
            KafkaConnection connection = KafkaConnection.FromOptions(parsed.GetValue(kafka), null);
            using ILoggerFactory log = Log.ToConsole(LogLevel.Warning);
            StreamOptions options = new() { CommitInterval = TimeSpan.Zero };
            using StreamService service = new(DispatcherTopology.Create(new DispatcherOptions()), connection, options, log, TimeProvider.System);
            await service.RunAsync(cancel);
            return 0;
        });
        return command;
    }

    public static string[] Arguments(KafkaConnection kafka) => ["dispatcher", "--kafka", kafka.BootstrapServers];
}
