using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Telemetry;

/// <summary>Tells health over HTTP: <c>/live</c>, <c>/ready</c>, <c>/status</c>. One request at a time; each is answered from memory.</summary>
public sealed class HealthEndpoint : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly HealthAnswers answers;
    private readonly ILogger logger;

    private HealthEndpoint(HealthAddress address, HealthAnswers answers, ILogger logger)
    {
        this.answers = answers;
        this.logger = logger;
        foreach (string host in HostsOf(address.Address)) listener.Prefixes.Add($"http://{host}:{address.Port}/");
        try
        {
            listener.Start();
        }
        catch (HttpListenerException e)
        {
            throw new UserException($"--health: {address} cannot be listened on: {e.Message}", e);
        }
        _ = ServeAsync();
        logger.LogInformation("health is told on http://{Address}/live, /ready and /status", address);
    }

    /// <summary>Starts to answer; null where no address is given.</summary>
    /// <exception cref="UserException">The address cannot be listened on.</exception>
    public static HealthEndpoint? Open(HealthAddress? address, IReadOnlyList<StreamStatus> services, ILoggerFactory log, TimeProvider time) =>
        address is null ? null : new HealthEndpoint(address, new HealthAnswers(services, time), log.CreateLogger("Pipeline.Health"));

    public void Dispose() => listener.Close();

    /// <summary>The listener looks at the Host header, so that each name under which it is asked has to be told to it.</summary>
    private static string[] HostsOf(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? ["*"]
        : address.Equals(IPAddress.Loopback) ? ["127.0.0.1", "localhost"]
        : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? [$"[{address}]"] : [address.ToString()];

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                await AnswerAsync(await listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // Whoever asked has gone away, or we are closing.
                logger.LogDebug("a health probe was not answered: {Reason}", e.Message);
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using HttpListenerResponse response = context.Response;
        (HttpStatusCode code, string body) = context.Request.HttpMethod == "GET"
            ? answers.Answer(context.Request.Url?.AbsolutePath ?? "")
            : (HttpStatusCode.MethodNotAllowed, "");
        response.StatusCode = (int)code;
        response.ContentType = "application/json";
        // A probe comes every few seconds: a connection that waits for it in between only takes up room.
        response.KeepAlive = false;
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
    }
}
