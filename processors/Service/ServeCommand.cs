using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Store;
using Pipeline.Processors.Trust;
using Pipeline.Processors.Windows;
using Pipeline.Schemas.Signing;

namespace Pipeline.Processors.Service;

/// <summary>The program without a verb: the stream processors.</summary>
internal static class ServeCommand
{
    public static RootCommand Create()
    {
        StepOptions defaults = new();
        ServiceOptions service = new();
        Option<TimeSpan> step = CommonOptions.Duration("--step", "Length of a step (1s to 1d); models are trained for 5m", defaults.Step);
        Option<TimeSpan> closeDelay = CommonOptions.Duration("--close-delay", "A step closes when event time is so far past its end, even if a VM is silent", defaults.CloseDelay);
        Option<TimeSpan> grace = CommonOptions.Duration("--grace", "Reports so late still revise their step", defaults.Grace);
        Option<TimeSpan> clockTolerance = CommonOptions.Duration("--clock-tolerance", "A report this much ahead of the broker's time is put into no step", defaults.ClockTolerance);
        Option<int> refresh = CommonOptions.Int("--refresh", "The similarity graph and the communities are made anew every so many steps", defaults.RefreshSteps, 1, StepOptions.RefreshStepsMax);
        Option<int> seed = CommonOptions.Int("--seed", "Seed of the community detection", defaults.Seed, 0, int.MaxValue);
        Option<FileInfo?> secrets = new("--agent-secrets") { Description = "File of the cells' secrets, name=base64 a line: reports of cells that demand it have to be signed", HelpName = "FILE" };
        OptionValidation.AcceptExistingOnly(secrets!);
        RootCommand root = new("Turns agents' reports into steps, snapshots of the fleet's similarity graph, and communities.");
        service.AddTo(root);
        foreach (Option option in new Option[] { step, closeDelay, grace, clockTolerance, refresh, seed, secrets }) root.Add(option);
        StoreOptions store = new();
        store.AddTo(root);
        root.SetAction((parsed, cancel) => RunAsync(
            parsed,
            store,
            service,
            new StepOptions
            {
                Step = parsed.GetValue(step),
                CloseDelay = parsed.GetValue(closeDelay),
                Grace = parsed.GetValue(grace),
                ClockTolerance = parsed.GetValue(clockTolerance),
                RefreshSteps = parsed.GetValue(refresh),
                Seed = parsed.GetValue(seed),
            },
            parsed.GetValue(secrets) is { } file ? new ReportGuard(new KeyDirectory(), SecretFile.Read(file, SigningKey.Bytes).ToDictionary(StringComparer.Ordinal)) : null,
            cancel));
        return root;
    }

    private static async Task RunAsync(ParseResult parsed, StoreOptions store, ServiceOptions service, StepOptions options, ReportGuard? guard, CancellationToken cancel)
    {
        KafkaConnection kafka = service.Connection(parsed);
        if (options.Check() is { } wrong) throw new UserException(wrong);
        using ILoggerFactory log = Log.ToConsole();
        using InfluxClient? influx = await store.OpenAsync(parsed, log, TimeProvider.System, cancel);
        await TopicSetup.EnsureAsync(kafka, cancel);
        List<Task> running = [service.RunAsync(parsed, StepTopology.Create(options, guard), kafka, StepTopology.Stream, log, cancel)];
        if (influx is not null)
        {
            TimeSeriesWriterOptions writer = new() { Instance = service.Instance(parsed), RawSamples = store.Raw(parsed) };
            running.Add(new TimeSeriesWriter(new ConfluentClients(kafka, log, TimeSeriesWriter.Limits), influx, writer, log, TimeProvider.System).RunAsync(cancel));
        }
        // Whoever ends first ends by an error or because all were told to.
        await await Task.WhenAny(running);
        await Task.WhenAll(running);
    }
}
