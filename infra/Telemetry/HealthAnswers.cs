using System.Net;
using System.Text.Json;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Telemetry;

/// <summary>What is answered to a health probe: a function of the services' status and of a clock.</summary>
public sealed class HealthAnswers(IReadOnlyList<StreamStatus> services, TimeProvider time)
{
    /// <summary>
    /// A loop shows a sign of life at every step (50 ms) and every record of a restore. The longest that it may rightly be silent is one
    /// record: the similarity graph of a cell of 50,000 VMs made anew takes half a minute on two cores; a transactional call is given up
    /// after 40 s. Twice the two together, rounded.
    /// </summary>
    public static readonly TimeSpan AliveWithin = TimeSpan.FromMinutes(2);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Status code and JSON body for a path.</summary>
    public (HttpStatusCode Code, string Body) Answer(string path)
    {
        ServiceHealth[] health = [.. services.Select(s => ServiceHealth.Of(s, time, AliveWithin))];
        return path switch
        {
            "/live" => (CodeOf(health.All(h => h.Live)), Body(health.ToDictionary(h => h.Service, h => h.Live))),
            "/ready" => (CodeOf(health.All(h => h.Ready)), Body(health.ToDictionary(h => h.Service, h => h.Ready))),
            "/status" => (HttpStatusCode.OK, Body(health)),
            _ => (HttpStatusCode.NotFound, Body("there are /live, /ready and /status")),
        };
    }

    private static HttpStatusCode CodeOf(bool well) => well ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable;

    private static string Body<T>(T value) => JsonSerializer.Serialize(value, Json);
}
