using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.Kafka;

namespace Pipeline.Processors.Store;

/// <summary>The verb <c>store</c>: only the time-series writer, for instance into a second InfluxDB.</summary>
internal static class StoreCommand
{
    public static Command Create()
    {
        Option<string?> kafka = CommonOptions.Kafka();
        Option<FileInfo?> kafkaConfig = CommonOptions.KafkaConfig();
        Option<string> instance = CommonOptions.Instance();
        Option<string> group = new("--group")
        {
            Description = "Consumer group: one for each store, since each remembers how far it has got",
            HelpName = "NAME",
            DefaultValueFactory = _ => new TimeSeriesWriterOptions().Group,
        };
        StoreOptions store = new();
        Command command = new("store", "Brings steps, communities, patterns, predictions, dispatches and completions into an InfluxDB.") { kafka, kafkaConfig, instance, group };
        store.AddTo(command);
        command.Add(SetupCommand.Create());
        command.SetAction(async (parsed, cancel) =>
        {
            KafkaConnection connection = KafkaConnection.FromOptions(parsed.GetValue(kafka), parsed.GetValue(kafkaConfig));
            using ILoggerFactory log = Log.ToConsole();
            using InfluxClient influx = await store.OpenAsync(parsed, log, TimeProvider.System, cancel) ?? throw new UserException("where to? give --influx URL");
            await TopicSetup.EnsureAsync(connection, cancel);
            TimeSeriesWriterOptions options = new() { Group = parsed.GetValue(group)!, Instance = parsed.GetValue(instance)!, RawSamples = store.Raw(parsed) };
            await new TimeSeriesWriter(new ConfluentClients(connection, log, TimeSeriesWriter.Limits), influx, options, log, TimeProvider.System).RunAsync(cancel);
        });
        return command;
    }
}
