using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Pipeline.Infra.Telemetry;

/// <summary>
/// Sends all metrics and traces of the process by OTLP, where OTEL_EXPORTER_OTLP_ENDPOINT says; OpenTelemetry's other variables
/// (OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS and so on) count too.
/// </summary>
public sealed class TelemetryExport : IDisposable
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string ServiceNameVariable = "OTEL_SERVICE_NAME";

    /// <summary>All our meters and sources begin so.</summary>
    private const string Ours = "Pipeline.*";

    /// <summary>At the end a collector that does not answer is given this long, for each of the two.</summary>
    private const int ShutdownMs = 1000;

    private readonly TracerProvider traces;
    private readonly MeterProvider metrics;

    private TelemetryExport(string program)
    {
        traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Name).AddSource(Ours).AddOtlpExporter().Build();
        metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Name).AddMeter(Ours).AddOtlpExporter().Build();

        void Name(ResourceBuilder resource)
        {
            if (Environment.GetEnvironmentVariable(ServiceNameVariable) is not { Length: > 0 }) resource.AddService(program);
        }
    }

    /// <summary>Starts to send; null where no endpoint is given.</summary>
    /// <param name="program">Name of the service, unless OTEL_SERVICE_NAME gives another.</param>
    public static TelemetryExport? Start(string program) =>
        Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 } ? new TelemetryExport(program) : null;

    public void Dispose()
    {
        traces.Shutdown(ShutdownMs);
        metrics.Shutdown(ShutdownMs);
        traces.Dispose();
        metrics.Dispose();
    }
}
