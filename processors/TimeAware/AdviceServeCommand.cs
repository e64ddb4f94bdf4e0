using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Processors.TimeAware;

/// <summary>The verb <c>advise serve</c>: the service, and with <c>--http</c> its answers over HTTP.</summary>
internal static class AdviceServeCommand
{
    public static Command Create()
    {
        ServiceOptions service = new();
        Option<string> zone = AdviseOptions.Zone();
        Option<int> slotMinutes = AdviseOptions.SlotMinutes();
        Option<double> share = CommonOptions.Double("--share", "Share of invocations that are to meet their deadline", .99, .5, .999);
        Option<double> target = CommonOptions.Double("--target", "Utilisation from which a VM is busy and calls are late", .8, .1, 1);
        Option<HealthAddress?> http = CommonOptions.Address("--http", "Answer questions over HTTP (/v1/room, /v1/scale, /openapi/v1.json)", 8090);
        Command command = new("serve", "Publishes profiles, forecasts, scaling advice and changes; answers over HTTP.") { zone, slotMinutes, share, target, http };
        service.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            KafkaConnection kafka = service.Connection(parsed);
            using ILoggerFactory log = Log.ToConsole();
            LiveFleet live = new(new SlotClock(parsed.GetValue(slotMinutes), parsed.GetValue(zone)!), ProfileOptions.Default);
            ScaleRequest scale = new(parsed.GetValue(share), parsed.GetValue(target));
            await TopicSetup.EnsureAsync(kafka, cancel);
            await using AdviceApi? api = await AdviceApi.OpenAsync(parsed.GetValue(http), live, scale, log, cancel);
            await service.RunAsync(parsed, AdviceTopology.Create(live, scale), kafka, new StreamOptions(), log, cancel);
        });
        return command;
    }
}
