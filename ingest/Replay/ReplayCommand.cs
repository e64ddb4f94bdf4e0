using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay.Faults;
using Pipeline.Ingest.Replay.Foreign;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay;

/// <summary><c>ingest replay</c>: plays a trace to a cluster.</summary>
internal static class ReplayCommand
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    private static readonly Option<DirectoryInfo?> Trace = Folder("--trace", "Fleet trace to play; without it the Google extract that comes with the program");
    private static readonly Option<DirectoryInfo?> Functions = Folder("--functions", "Function trace to draw calls from; without it the Azure extract that comes with the program");
    private static readonly Option<int> Vms = CommonOptions.Int("--vms", "VMs of the trace that are played, from the first on; 0: all", 0, 0, 1_000_000);
    private static readonly Option<int> Cells = CommonOptions.Int("--cells", "Cells that the VMs are dealt out to", 1, 1, 10_000);
    private static readonly Option<int> Day = CommonOptions.Int("--day", "Day of the trace to begin with", 1, 1, 1000);
    private static readonly Option<int?> StartSlot = new("--start-slot") { Description = "Slot of the trace to begin with, from 0; instead of --day", HelpName = "SLOT" };
    private static readonly Option<double> Hours = CommonOptions.Double("--hours", "Hours of event time that are played", 24, .01, 10_000);
    private static readonly Option<double> Interval = CommonOptions.Double("--interval", "Seconds between two reports of a VM; 0: the trace's slot", 0, 0, 86_400);
    private static readonly Option<double> Speed = CommonOptions.Double("--speed", "Seconds of event time per second; 0: as fast as possible", 0, 0, 1_000_000);
    private static readonly Option<int> Invocations = CommonOptions.Int("--invocations", "Calls that are drawn over the hours; 0: none", 0, 0, ReplayOptions.InvocationsMax);
    private static readonly Option<double> InvocationsAfter = CommonOptions.Double("--invocations-after", "Minutes from the start to the first calls, so that there is a fleet to run them", 10, 0, 100_000);
    private static readonly Option<string?> Only = OnlyOption();
    private static readonly Option<int> Seed = CommonOptions.Int("--seed", "Seed of the drawing of calls, and of faults", 1, 0, int.MaxValue);
    private static readonly FaultOptions FaultOptions = new();
    private static readonly Option<string?> Format = FormatOption();
    private static readonly Option<string?> Topic = new("--topic") { Description = "Topic of a foreign format; made where it is missing", HelpName = "TOPIC" };
    private static readonly Option<string?> Kafka = CommonOptions.Kafka();
    private static readonly Option<FileInfo?> KafkaConfig = CommonOptions.KafkaConfig();

    public static Command Create()
    {
        Command command = new("replay", "Plays a trace as the agents of its VMs and a function gateway would send it.");
        foreach (Option option in (Option[])[Trace, Functions, Vms, Cells, Day, StartSlot, Hours, Interval, Speed, Invocations, InvocationsAfter, Only, Seed, Format, Topic, Kafka, KafkaConfig])
            command.Add(option);
        FaultOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        KafkaConnection kafka = KafkaConnection.FromOptions(parsed.GetValue(Kafka), parsed.GetValue(KafkaConfig));
        FleetTrace fleet = FleetTrace.Load(parsed.GetValue(Trace) ?? CommittedTraces.Fleet);
        ReplayOptions options = Options(parsed, fleet);
        FunctionTrace? functions = options.Invocations > 0 ? FunctionTrace.Load(parsed.GetValue(Functions) ?? CommittedTraces.Functions) : null;
        TracePlayer player = new(fleet, functions, options);
        await TopicSetup.EnsureAsync(kafka, cancel);
        using ILoggerFactory log = Log.ToConsole(LogLevel.Warning);
        ReplayFaults faults = FaultOptions.Of(parsed, options.Seed);
        FaultInjector? injector = faults.Any ? new FaultInjector(faults) : null;
        ReplayService service = new(kafka, options, player, log, TimeProvider.System) { Faults = injector, Foreign = await ForeignAsync(parsed, kafka, cancel) };
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task progress = ProgressAsync(service, player, over.Token);
        try
        {
            await service.RunAsync(cancel);
        }
        finally
        {
            await over.CancelAsync();
            await progress;
            Console.WriteLine($"reports_sent={service.ReportsSent} invocations={service.InvocationsSent}");
            if (service.Foreign is { } foreign) Console.WriteLine($"foreign_records={service.ForeignSent} topic={foreign.Topic}");
            if (injector is not null) Console.WriteLine(injector.Counts);
        }
        return 0;
    }

    private static async Task<(IForeignFormat, string)?> ForeignAsync(ParseResult parsed, KafkaConnection kafka, CancellationToken cancel)
    {
        if (parsed.GetValue(Format) is not { } name) return parsed.GetValue(Topic) is null ? null : throw new UserException("--topic is for a foreign format: give --format too");
        IForeignFormat format = ForeignFormats.Create(name);
        string topic = parsed.GetValue(Topic) ?? format.Topic;
        await TopicSetup.EnsureAsync(kafka, new TopicSpec { Name = topic, Key = "host", Retention = TimeSpan.FromDays(1), Description = "what foreign agents send" }, cancel);
        return (format, topic);
    }

    private static ReplayOptions Options(ParseResult parsed, FleetTrace fleet)
    {
        string? only = parsed.GetValue(Only);
        double interval = parsed.GetValue(Interval);
        if (only == "invocations" && parsed.GetValue(Invocations) == 0) throw new UserException("--only invocations sends nothing without --invocations N");
        return new ReplayOptions
        {
            Vms = parsed.GetValue(Vms),
            Cells = parsed.GetValue(Cells),
            StartSlot = parsed.GetValue(StartSlot) ?? ReplayOptions.FirstSlotOfDay(fleet, parsed.GetValue(Day)),
            Hours = parsed.GetValue(Hours),
            Interval = interval == 0 ? null : TimeSpan.FromSeconds(interval),
            Reports = only != "invocations",
            Invocations = only == "metrics" ? 0 : parsed.GetValue(Invocations),
            InvocationsAfter = TimeSpan.FromMinutes(parsed.GetValue(InvocationsAfter)),
            Speed = parsed.GetValue(Speed),
            Seed = parsed.GetValue(Seed),
        };
    }

    /// <summary>One line that is written over and over; nothing where nobody looks.</summary>
    private static async Task ProgressAsync(ReplayService service, TracePlayer player, CancellationToken over)
    {
        if (Console.IsErrorRedirected) return;
        using PeriodicTimer timer = new(ProgressEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
            {
                double share = Math.Clamp((double)(service.EventTimeUnixMs - player.StartUnixMs) / (player.EndUnixMs - player.StartUnixMs), 0, 1);
                string at = DateTimeOffset.FromUnixTimeMilliseconds(service.EventTimeUnixMs).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
                await Console.Error.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\r{share,4:P0}  {at}  {service.ReportsSent:N0} reports  {service.InvocationsSent:N0} invocations "));
            }
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync();
        }
    }

    private static Option<DirectoryInfo?> Folder(string name, string description)
    {
        Option<DirectoryInfo?> option = new(name) { Description = description, HelpName = "DIR" };
        OptionValidation.AcceptExistingOnly(option!);
        return option;
    }

    private static Option<string?> FormatOption()
    {
        Option<string?> option = new("--format") { Description = "Send reports the way another agent would", HelpName = string.Join('|', ForeignFormats.Names) };
        option.AcceptOnlyFromAmong(ForeignFormats.Names);
        return option;
    }

    private static Option<string?> OnlyOption()
    {
        Option<string?> option = new("--only") { Description = "Send only reports (metrics) or only calls (invocations)", HelpName = "metrics|invocations" };
        option.AcceptOnlyFromAmong("metrics", "invocations");
        return option;
    }
}
