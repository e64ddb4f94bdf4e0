using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.Kafka;
using Pipeline.Local.Audit;
using Pipeline.Local.Report;
using Pipeline.Local.View;
using Pipeline.Processors.Store;

namespace Pipeline.Local;

/// <summary>The command line of the local run.</summary>
internal static class LocalCommand
{
    /// <summary>The last day of the committed trace, which the committed model has not seen.</summary>
    private const int LastDaySlot = 9 * 288;

    public static RootCommand Create()
    {
        LocalOptions defaults = new() { Out = new DirectoryInfo("out") };
        Option<int> seed = CommonOptions.Int("--seed", "Seed of everything random", defaults.Seed, 0, int.MaxValue);
        Option<double> hours = CommonOptions.Double("--hours", "Hours of the day that are played", defaults.Hours, .5, 24);
        Option<int> vms = CommonOptions.Int("--vms", "VMs of the trace that are played; 0: all", defaults.Vms, 0, 1_000_000);
        Option<double> speed = CommonOptions.Double("--speed", "Seconds of the day per second; 0: as fast as the pipeline keeps up", defaults.Speed, 0, 1e6);
        Option<int> invocations = CommonOptions.Int("--invocations", "Calls of functions over the hours", defaults.Invocations, 0, 1_000_000);
        Option<bool> serve = new("--serve") { Description = "Keep running when the day is over" };
        Option<FileInfo?> summary = new("--summary") { Description = "Write the counts of the run as JSON", HelpName = "FILE" };
        Option<DirectoryInfo> output = new("--out") { Description = "Folder for the report and the embedded store", HelpName = "DIR", DefaultValueFactory = _ => defaults.Out };
        Option<string?> kafka = CommonOptions.Kafka();
        Option<FileInfo?> kafkaConfig = CommonOptions.KafkaConfig();
        RootCommand root = new("Runs the whole pipeline on this machine: a real day of a fleet and of function calls, in about a minute.")
        {
            seed, hours, vms, speed, invocations, serve, summary, output, kafka, kafkaConfig,
        };
        StoreOptions store = new();
        store.AddTo(root);
        root.Add(QueryCommand.Create());
        root.SetAction(async (parsed, cancel) =>
        {
            bool real = parsed.GetValue(kafka) is not null || parsed.GetValue(kafkaConfig) is not null;
            bool shared = real || store.IsNamed(parsed);
            await RunAsync(
                new LocalOptions
                {
                    Seed = parsed.GetValue(seed),
                    Hours = parsed.GetValue(hours),
                    StartSlot = LastDaySlot,
                    Vms = parsed.GetValue(vms),
                    Speed = parsed.GetValue(speed),
                    Invocations = parsed.GetValue(invocations),
                    Serve = parsed.GetValue(serve),
                    Summary = parsed.GetValue(summary),
                    Out = parsed.GetValue(output)!,
                    Prefix = shared ? TimeProvider.System.GetUtcNow().ToString("'run-'yyyyMMdd'T'HHmmss'-'", CultureInfo.InvariantCulture) : "",
                },
                real ? KafkaConnection.FromOptions(parsed.GetValue(kafka), parsed.GetValue(kafkaConfig)) : null,
                log => store.OpenAsync(parsed, log, TimeProvider.System, cancel),
                cancel);
        });
        return root;
    }

    private static async Task RunAsync(LocalOptions options, KafkaConnection? kafka, Func<ILoggerFactory, Task<InfluxClient?>> openInflux, CancellationToken cancel)
    {
        using ILoggerFactory log = Log.ToConsole(LogLevel.Warning);
        using EmbeddedKafka? embedded = kafka is null ? new EmbeddedKafka(log) : null;
        using LocalStore store = await LocalStore.OpenAsync(await openInflux(log), LocalStore.FileIn(options.Out), cancel);
        LocalRun run = new(options, kafka ?? embedded!.Connection, store, log, TimeProvider.System);
        bool clean = true;
        await run.RunAsync(new LiveView(TimeProvider.System).ShowAsync, Report, cancel);
        if (!clean) throw new UserException("the run lost or duplicated something: see the summary");

        void Report(TopicAudit audit, Summary summary)
        {
            if (options.Summary is not null) summary.Write(options.Summary);
            FileInfo report = new(Path.Combine(options.Out.FullName, "report.html"));
            RunReport.Of(audit, summary).Write(report);
            SummaryView.Print(summary, report);
            clean = summary.Lost == 0 && summary.Duplicated == 0;
            if (options.Serve) Console.WriteLine($"the services keep running on Kafka at {run.Kafka.BootstrapServers}; Ctrl-C ends them");
        }
    }
}
