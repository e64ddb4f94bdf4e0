using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Tests.Unit.Infra.Telemetry;

public sealed class HealthEndpointTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly StreamStatus status = new("served");
    private readonly HttpClient client = new();

    public void Dispose()
    {
        client.Dispose();
        status.Dispose();
    }

    [Fact]
    public async Task Probes_are_answered_over_http_one_after_the_other()
    {
        HealthAddress address = FreePort();
        using HealthEndpoint? endpoint = HealthEndpoint.Open(address, [status], NullLoggerFactory.Instance, time);
        foreach ((string path, HttpStatusCode code) in ((string, HttpStatusCode)[])[("/live", HttpStatusCode.OK), ("/ready", HttpStatusCode.ServiceUnavailable), ("/status", HttpStatusCode.OK), ("/x", HttpStatusCode.NotFound)])
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://{address}{path}"));
            Assert.Equal(code, answer.StatusCode);
            Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        }
        using HttpResponseMessage posted = await client.PostAsync(new Uri($"http://{address}/live"), null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public void A_port_that_is_taken_is_the_users_error()
    {
        HealthAddress address = FreePort();
        using HealthEndpoint? first = HealthEndpoint.Open(address, [status], NullLoggerFactory.Instance, time);
        UserException e = Assert.Throws<UserException>(() => HealthEndpoint.Open(address, [status], NullLoggerFactory.Instance, time));
        Assert.StartsWith($"--health: {address} cannot be listened on", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_address_nothing_is_opened() => Assert.Null(HealthEndpoint.Open(null, [status], NullLoggerFactory.Instance, time));

    private static HealthAddress FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return new HealthAddress(IPAddress.Loopback, ((IPEndPoint)probe.LocalEndpoint).Port);
    }
}
