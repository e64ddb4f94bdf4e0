using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Pipeline.Ingest.Receiver;

/// <summary>Takes what agents send over HTTP and gRPC; a request is answered when its records are safe.</summary>
internal sealed class ReceiverHost : IAsyncDisposable
{
    /// <summary>After so long an agent that was turned away is to try again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly WebApplication app;

    private ReceiverHost(WebApplication app) => this.app = app;

    /// <summary>Where it listens: HTTP first.</summary>
    public IReadOnlyList<Uri> Addresses => [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a))];

    /// <exception cref="UserException">An address cannot be listened on.</exception>
    public static async Task<ReceiverHost> OpenAsync(ReceiverOptions options, IRecordSink sink, ILoggerFactory log, CancellationToken cancel)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton(sink);
        builder.Services.AddSingleton(options);
        builder.Services.AddRequestDecompression();
        builder.Services.AddGrpc(g => g.MaxReceiveMessageSize = options.BodyBytesMax);
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = options.BodyBytesMax;
            if (options.Http is { } http) k.Listen(http, l => l.Protocols = HttpProtocols.Http1);
            if (options.Grpc is { } grpc) k.Listen(grpc, l => l.Protocols = HttpProtocols.Http2);
        });
        WebApplication app = builder.Build();
        app.UseRequestDecompression();
        app.MapGrpcService<OtlpGrpc>();
        OtlpHttp.Map(app, sink, options);
        InfluxWrites.Map(app, sink, options);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new UserException($"--http or --grpc cannot be listened on: {e.Message}", e);
        }
        return new ReceiverHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>A request's body, decompressed.</summary>
    /// <exception cref="TooLargeException">It is more than is allowed.</exception>
    public static async Task<byte[]> BodyAsync(HttpContext context, ReceiverOptions options)
    {
        using MemoryStream body = new();
        try
        {
            // The server counts what comes in, and its decompression what comes of it.
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new TooLargeException($"a request of more than {options.BodyBytesMax} bytes", e);
        }
        return body.ToArray();
    }

    public static void AskToWait(HttpContext context) => context.Response.Headers.RetryAfter = ((int)RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
