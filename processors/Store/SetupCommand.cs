using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Processors.Store;

/// <summary>The verb <c>store setup</c>: retention and down-sampling of an InfluxDB.</summary>
internal static class SetupCommand
{
    public static Command Create()
    {
        Option<double> keep = CommonOptions.Double("--keep", "Days that points are kept; 0: for ever, as a replay of an old trace needs it", 30, 0, 36_500);
        Option<double> keepHours = CommonOptions.Double("--keep-hours", "Days that hourly values are kept; 0: for ever", 730, 0, 36_500);
        StoreOptions store = new();
        Command command = new("setup", "Makes retention and hourly down-sampling in an InfluxDB: policies and continuous queries on 1.x, buckets and tasks on 2.x. May be repeated.") { keep, keepHours };
        store.AddTo(command, writes: false);
        command.SetAction(async (parsed, cancel) =>
        {
            using ILoggerFactory log = Log.ToConsole();
            using InfluxClient influx = await store.OpenAsync(parsed, log, TimeProvider.System, cancel) ?? throw new UserException("which store? give --influx URL");
            try
            {
                await influx.SetUpAsync(TimeSpan.FromDays(parsed.GetValue(keep)), StoreLayout.Hours(TimeSpan.FromDays(parsed.GetValue(keepHours))), cancel);
            }
            catch (SinkException e)
            {
                throw new UserException(e.Message, e);
            }
            log.CreateLogger("Pipeline.Influx").LogInformation("set up: points for {Keep} days, hours for {KeepHours} days (0: for ever)", parsed.GetValue(keep), parsed.GetValue(keepHours));
        });
        return command;
    }
}
