using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Pipeline.Infra.CommandLine;

/// <summary>The programs' log: one line an event on standard error, so that standard output stays for results.</summary>
public static class Log
{
    public static ILoggerFactory ToConsole(LogLevel least = LogLevel.Information) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(least)
        // Four lines for each request that is answered would hide what the program says.
        .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
        .AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "HH:mm:ss.fff ";
            o.UseUtcTimestamp = true;
            o.ColorBehavior = LoggerColorBehavior.Disabled;
        })
        .Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace));
}
