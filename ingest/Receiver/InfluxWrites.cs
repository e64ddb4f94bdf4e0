using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Ingest.Receiver;

/// <summary>
/// What InfluxDB's clients ask for, as far as it is about writing (InfluxData, "InfluxDB 1.x HTTP endpoints" and "InfluxDB v2 API": /write,
/// /api/v2/write, /ping, /health, and CREATE DATABASE, which Telegraf sends first). Database, organisation and bucket may be named and mean nothing.
/// </summary>
internal static class InfluxWrites
{
    public static void Map(WebApplication app, IRecordSink sink, ReceiverOptions options)
    {
        app.MapPost("/write", context => WriteAsync(context, sink, options, second: false));
        app.MapPost("/api/v2/write", context => WriteAsync(context, sink, options, second: true));
        app.MapMethods("/ping", [HttpMethods.Get, HttpMethods.Head], context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        app.MapGet("/health", context => context.Response.WriteAsJsonAsync(new { name = "ingest receive", status = "pass" }));
        app.MapMethods("/query", [HttpMethods.Get, HttpMethods.Post], QueryAsync);
    }

    private static async Task WriteAsync(HttpContext context, IRecordSink sink, ReceiverOptions options, bool second)
    {
        try
        {
            if (context.Request.Query["precision"].ToString() is "m" or "h")
            {
                await RefuseAsync(context, second, StatusCodes.Status400BadRequest, "precision is in minutes or hours: seconds or finer are wanted");
                return;
            }
            LineIntake intake = LineIntake.Divide(await ReceiverHost.BodyAsync(context, options), options.RecordBytesMax);
            await sink.SendAsync(intake.Records);
            if (intake.FirstError is { } error) await RefuseAsync(context, second, StatusCodes.Status400BadRequest, $"partial write: {error} dropped={intake.Dropped}");
            else context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (TooLargeException e)
        {
            await RefuseAsync(context, second, StatusCodes.Status413PayloadTooLarge, e.Message);
        }
        catch (SinkBusyException e)
        {
            ReceiverHost.AskToWait(context);
            await RefuseAsync(context, second, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
    }

    private static async Task RefuseAsync(HttpContext context, bool second, int status, string message)
    {
        context.Response.StatusCode = status;
        object answer = second ? new { code = status == StatusCodes.Status503ServiceUnavailable ? "unavailable" : "invalid", message } : new { error = message };
        await context.Response.WriteAsJsonAsync(answer, answer.GetType(), JsonSerializerOptions.Default);
    }

    private static async Task QueryAsync(HttpContext context)
    {
        string query = context.Request.Query["q"].ToString();
        if (query.Length == 0 && context.Request.HasFormContentType) query = (await context.Request.ReadFormAsync())["q"].ToString();
        if (query.TrimStart().StartsWith("CREATE DATABASE", StringComparison.OrdinalIgnoreCase))
            await context.Response.WriteAsJsonAsync(new { results = new[] { new { statement_id = 0 } } });
        else
            await RefuseAsync(context, false, StatusCodes.Status400BadRequest, "nothing is stored here that could be asked for");
    }
}
