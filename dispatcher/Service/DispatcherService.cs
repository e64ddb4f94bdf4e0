using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Dispatcher.Service;

/// <summary>Runs the room's services. Somebody waits for every record of theirs: a transaction is committed as soon as no more input is there.</summary>
internal static class DispatcherService
{
    public static async Task RunAsync(ServiceOptions service, ParseResult parsed, Topology topology, CancellationToken cancel)
    {
        KafkaConnection connection = service.Connection(parsed);
        await TopicSetup.EnsureAsync(connection, cancel);
        using ILoggerFactory log = Log.ToConsole();
        await service.RunAsync(parsed, topology, connection, new StreamOptions { CommitInterval = TimeSpan.Zero }, log, cancel);
    }
}
