using Google.Protobuf;
using Google.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Pipeline.Ingest.Bridge.Otlp;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Receiver;

/// <summary>
/// OTLP over HTTP (OpenTelemetry protocol specification 1.9, "OTLP/HTTP"): protobuf or JSON, an answer in the same encoding, 503 with Retry-After
/// asks to send again, 400 and 413 not to.
/// </summary>
internal static class OtlpHttp
{
    private const string Protobuf = "application/x-protobuf", Json = "application/json";

    public static void Map(WebApplication app, IRecordSink sink, ReceiverOptions options) => app.MapPost("/v1/metrics", async context =>
    {
        string type = context.Request.ContentType?.Split(';')[0].Trim() ?? "";
        if (type is not (Protobuf or Json))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        try
        {
            byte[] body = await ReceiverHost.BodyAsync(context, options);
            await sink.SendAsync(OtlpIntake.Divide(type == Json ? OtlpJsonDecoder.Parse(body) : OtlpProtoDecoder.Parse(body), options.RecordBytesMax));
            await AnswerAsync(context, type, StatusCodes.Status200OK, new ExportMetricsServiceResponse());
        }
        catch (BadRecordException e)
        {
            await AnswerAsync(context, type, StatusCodes.Status400BadRequest, new Status { Code = (int)Code.InvalidArgument, Message = e.Message });
        }
        catch (TooLargeException e)
        {
            await AnswerAsync(context, type, StatusCodes.Status413PayloadTooLarge, new Status { Code = (int)Code.InvalidArgument, Message = e.Message });
        }
        catch (SinkBusyException e)
        {
            ReceiverHost.AskToWait(context);
            await AnswerAsync(context, type, StatusCodes.Status503ServiceUnavailable, new Status { Code = (int)Code.Unavailable, Message = e.Message });
        }
    });

    private static async Task AnswerAsync(HttpContext context, string type, int status, IMessage answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        if (type == Json) await context.Response.WriteAsync(JsonFormatter.Default.Format(answer));
        else await context.Response.Body.WriteAsync(answer.ToByteArray());
    }
}
