using System.Collections.Concurrent;
using System.Net;
using Pipeline.Ingest.Otlp;
using Pipeline.Tests.Integration;

namespace Pipeline.Tests.EndToEnd.Telemetry;

/// <summary>Takes what programs export by OTLP over HTTP, as a collector does, and keeps it.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;
    private readonly ConcurrentQueue<Span> spans = [];
    private readonly ConcurrentDictionary<(string Service, string Metric), bool> metrics = [];

    public Collector()
    {
        Endpoint = $"http://127.0.0.1:{Processes.FreePort()}";
        listener.Prefixes.Add(Endpoint + "/");
        listener.Start();
        serving = ServeAsync();
    }

    public string Endpoint { get; }

    public IReadOnlyCollection<Span> Spans => spans;

    /// <summary>Which service has sent which metric.</summary>
    public ICollection<(string Service, string Metric)> Metrics => metrics.Keys;

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext request;
            try
            {
                request = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using MemoryStream body = new();
            await request.Request.InputStream.CopyToAsync(body);
            Take(request.Request.Url!.AbsolutePath, body.ToArray());
            request.Response.ContentType = "application/x-protobuf";
            request.Response.Close();
        }
    }

    private void Take(string path, byte[] body)
    {
        if (path == "/v1/traces")
        {
            foreach (Span span in ExportTraces.Parser.ParseFrom(body).ResourceSpans.SelectMany(r => r.ScopeSpans).SelectMany(s => s.Spans)) spans.Enqueue(span);
        }
        else if (path == "/v1/metrics")
        {
            foreach (ResourceMetrics resource in MetricsData.Parser.ParseFrom(body).ResourceMetrics)
            {
                string service = resource.Resource.Attributes.First(a => a.Key == "service.name").Value.StringValue;
                foreach (Metric metric in resource.ScopeMetrics.SelectMany(s => s.Metrics)) metrics[(service, metric.Name)] = true;
            }
        }
    }
}
