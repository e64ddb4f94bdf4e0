using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Receiver;

/// <summary>OTLP over gRPC (OpenTelemetry protocol specification 1.9, "OTLP/gRPC"): UNAVAILABLE with a delay asks to send again, INVALID_ARGUMENT not to.</summary>
internal sealed class OtlpGrpc(IRecordSink sink, ReceiverOptions options) : MetricsService.MetricsServiceBase
{
    public override async Task<ExportMetricsServiceResponse> Export(MetricsData request, ServerCallContext context)
    {
        try
        {
            await sink.SendAsync(OtlpIntake.Divide(request, options.RecordBytesMax));
            return new ExportMetricsServiceResponse();
        }
        catch (Exception e) when (e is BadRecordException or TooLargeException)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.InvalidArgument, e.Message));
        }
        catch (SinkBusyException e)
        {
            RetryInfo later = new() { RetryDelay = Duration.FromTimeSpan(ReceiverHost.RetryAfter) };
            throw new Google.Rpc.Status { Code = (int)Code.Unavailable, Message = e.Message, Details = { Any.Pack(later) } }.ToRpcException();
        }
    }
}
