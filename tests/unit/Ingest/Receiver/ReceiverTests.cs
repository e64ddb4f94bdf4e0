using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Pipeline.Ingest.Otlp;
using Pipeline.Ingest.Receiver;

namespace Pipeline.Tests.Unit.Ingest.Receiver;

/// <summary>Real clients against a receiver on loopback; only what is behind it is the tests'.</summary>
public sealed class ReceiverTests : IAsyncLifetime, IDisposable
{
    private const int BodyBytesMax = 100_000;

    private const string Retry = "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY";

    private readonly MemorySink sink = new();
    private readonly HttpClient http = new();
    private ReceiverHost receiver = null!;

    private Uri Http => receiver.Addresses[0];

    private Uri Grpc => receiver.Addresses[1];

    public async Task InitializeAsync()
    {
        ReceiverOptions options = new() { Http = new IPEndPoint(IPAddress.Loopback, 0), Grpc = new IPEndPoint(IPAddress.Loopback, 0), BodyBytesMax = BodyBytesMax };
        receiver = await ReceiverHost.OpenAsync(options, sink, NullLoggerFactory.Instance, CancellationToken.None);
    }

    public async Task DisposeAsync() => await receiver.DisposeAsync();

    public void Dispose() => http.Dispose();

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public void OpenTelemetrys_own_exporter_is_understood(OtlpExportProtocol protocol)
    {
        Assert.True(Export(protocol));
        ForeignRecord record = Assert.Single(sink.Records);
        Assert.Equal("vm-7", record.Key);
        Pipeline.Ingest.Otlp.Metric metric = Assert.Single(Assert.Single(Assert.Single(MetricsData.Parser.ParseFrom(record.Value).ResourceMetrics).ScopeMetrics).Metrics);
        Assert.Equal(("system.linux.memory.available", "By", 5L), (metric.Name, metric.Unit, Assert.Single(metric.Gauge.DataPoints).AsInt));
    }

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public void An_exporter_that_was_asked_to_wait_sends_again(OtlpExportProtocol protocol)
    {
        sink.BusyTimes = 1;
        // The .NET exporter does what the specification asks only where it is told to.
        Environment.SetEnvironmentVariable(Retry, "in_memory");
        try
        {
            Assert.True(Export(protocol));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Retry, null);
        }
        Assert.Equal(0, sink.BusyTimes);
        Assert.Single(sink.Records);
    }

    [Fact]
    public async Task Otlp_is_taken_as_json_too_and_what_is_wrong_is_told_in_the_same_encoding()
    {
        const string Body = """{"resourceMetrics":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"vm-1"}}]},"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asDouble":1.5,"timeUnixNano":"1"}]}}]}]}]}""";
        using HttpResponseMessage good = await PostAsync("/v1/metrics", Encoding.UTF8.GetBytes(Body), "application/json");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal("vm-1", Assert.Single(sink.Records).Key);
        using HttpResponseMessage bad = await PostAsync("/v1/metrics", "{"u8.ToArray(), "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Contains("not OTLP metrics", await bad.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage broken = await PostAsync("/v1/metrics", [0x0A, 0x7F], "application/x-protobuf");
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Contains("not OTLP metrics", Google.Rpc.Status.Parser.ParseFrom(await broken.Content.ReadAsByteArrayAsync()).Message, StringComparison.Ordinal);
        using HttpResponseMessage text = await PostAsync("/v1/metrics", [], "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
    }

    [Theory]
    [InlineData("/write?db=telegraf&precision=ns")]
    [InlineData("/api/v2/write?org=o&bucket=b&precision=s")]
    public async Task Lines_are_taken_as_influxdb_takes_them(string path)
    {
        using HttpResponseMessage good = await PostAsync(path, Gzip("cpu,host=vm-1 usage_idle=90 1795415058\n"), "text/plain", "gzip");
        Assert.Equal(HttpStatusCode.NoContent, good.StatusCode);
        Assert.Equal("cpu,host=vm-1 usage_idle=90 1795415058\n", Encoding.UTF8.GetString(Assert.Single(sink.Records).Value));
        using HttpResponseMessage partly = await PostAsync(path, "cpu,host=vm-1 usage_idle=91\ncpu,host=vm-1\n"u8.ToArray(), "text/plain");
        Assert.Equal(HttpStatusCode.BadRequest, partly.StatusCode);
        Assert.Contains("partial write: line 2: cpu has no fields dropped=1", await partly.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(2, sink.Records.Count);
        sink.BusyTimes = 1;
        using HttpResponseMessage busy = await PostAsync(path, "cpu,host=vm-1 usage_idle=92\n"u8.ToArray(), "text/plain");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (busy.StatusCode, busy.Headers.RetryAfter?.Delta));
    }

    [Theory]
    [InlineData("/write")]
    [InlineData("/v1/metrics")]
    public async Task More_than_is_allowed_is_refused_before_and_after_decompression(string path)
    {
        byte[] body = new byte[BodyBytesMax + 1];
        string type = path == "/write" ? "text/plain" : "application/x-protobuf";
        using HttpResponseMessage plain = await PostAsync(path, body, type);
        using HttpResponseMessage zipped = await PostAsync(path, Gzip(Encoding.ASCII.GetString(body)), type, "gzip");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge), (plain.StatusCode, zipped.StatusCode));
        Assert.Empty(sink.Records);
    }

    [Fact]
    public async Task Telegraf_finds_what_it_asks_for_first()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync(new Uri(Http, "/ping"))).StatusCode);
        using HttpResponseMessage created = await http.PostAsync(new Uri(Http, "/query"), new FormUrlEncodedContent([new("q", "CREATE DATABASE \"telegraf\"")]));
        Assert.Equal("{\"results\":[{\"statement_id\":0}]}", await created.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(new Uri(Http, "/query?q=SELECT+1"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("/write?precision=h", "m f=1 1"u8.ToArray(), "text/plain")).StatusCode);
    }

    private bool Export(OtlpExportProtocol protocol)
    {
        using Meter meter = new("receiver-tests-" + Guid.NewGuid());
        meter.CreateObservableGauge("system.linux.memory.available", () => 5L, "By");
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name)
            .ConfigureResource(r => r.Clear().AddAttributes([new("host.name", "vm-7")]))
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Protocol = protocol;
                exporter.Endpoint = protocol == OtlpExportProtocol.Grpc ? Grpc : new Uri(Http, "/v1/metrics");
                reader.PeriodicExportingMetricReaderOptions = new PeriodicExportingMetricReaderOptions { ExportIntervalMilliseconds = 3_600_000 };
            }).Build();
        bool done = provider.ForceFlush(30_000);
        // The provider exports once more when it goes.
        sink.Closed = true;
        return done;
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string type, string? encoding = null)
    {
        ByteArrayContent content = new(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        return await http.PostAsync(new Uri(Http, path), content);
    }

    private static byte[] Gzip(string text)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Fastest)) gzip.Write(Encoding.ASCII.GetBytes(text));
        return stream.ToArray();
    }

    private sealed class MemorySink : IRecordSink
    {
        public List<ForeignRecord> Records { get; } = [];

        /// <summary>So many times it has no room.</summary>
        public int BusyTimes { get; set; }

        public bool Closed { get; set; }

        public Task SendAsync(IReadOnlyList<ForeignRecord> records)
        {
            if (BusyTimes > 0)
            {
                BusyTimes--;
                throw new SinkBusyException("no room", new InvalidOperationException());
            }
            if (!Closed) Records.AddRange(records);
            return Task.CompletedTask;
        }
    }
}
