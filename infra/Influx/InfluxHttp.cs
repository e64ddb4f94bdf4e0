using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.TimeSeries;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Pipeline.Infra.Influx;

/// <summary>Requests with credentials, time-outs and retries. What may be tried again is; what may not comes back as it is.</summary>
internal sealed class InfluxHttp : IDisposable
{
    private readonly HttpClient http;
    private readonly InfluxOptions options;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly ResiliencePipeline<HttpResponseMessage> patient;
    private readonly ResiliencePipeline<HttpResponseMessage> impatient;
    private readonly CircuitBreaker breaker;

    public InfluxHttp(InfluxOptions options, ILogger log, TimeProvider time, HttpMessageHandler? handler)
    {
        this.options = options;
        this.log = log;
        this.time = time;
        // A redirect would turn a POST into a GET and a write into nothing.
        http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) }, handler is null)
        {
            BaseAddress = options.Url.AbsolutePath.EndsWith('/') ? options.Url : new Uri(options.Url + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Token is { } token)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", token);
        else if (options.User is { } user)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{options.Password}")));
        Random seeded = new(options.Seed);
        Lock one = new();
        breaker = new CircuitBreaker(options.BreakAfter, options.BreakDuration, time);
        patient = Pipeline(Jitter, serverErrors: true);
        impatient = Pipeline(Jitter, serverErrors: false);

        double Jitter()
        {
            lock (one) return seeded.NextDouble();
        }
    }

    /// <summary>Sends until there is an answer worth having, or the tries are used up.</summary>
    /// <param name="path">Relative to the URL, without a slash at the start.</param>
    /// <param name="makeContent">Called for every try.</param>
    /// <param name="retryServerErrors">Whether a 500 is tried again.</param>
    /// <exception cref="SinkException">No answer.</exception>
    public async Task<InfluxAnswer> AskAsync(HttpMethod method, string path, Func<HttpContent?> makeContent, bool retryServerErrors, CancellationToken cancel)
    {
        using HttpResponseMessage response = await OpenAsync(method, path, makeContent, retryServerErrors, cancel);
        return await ReadAsync(response, cancel);
    }

    /// <summary>As <see cref="AskAsync"/>, with the body still to be read.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, Func<HttpContent?> makeContent, bool retryServerErrors, CancellationToken cancel)
    {
        if (!breaker.TryEnter())
            throw new SinkException($"InfluxDB at {options.Url} has not answered for several requests and is left alone for up to {options.BreakDuration}", refused: false);
        try
        {
            HttpResponseMessage response = await (retryServerErrors ? patient : impatient).ExecuteAsync(async attempt =>
            {
                using HttpRequestMessage request = new(method, path) { Content = makeContent() };
                return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, attempt);
            }, cancel);
            // A 500 may be the lines' fault and says that somebody is there.
            if (new InfluxAnswer((int)response.StatusCode, "", null).Busy) Failed();
            else if (breaker.Answered()) log.LogInformation("InfluxDB at {Url} answers again", options.Url);
            return response;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutRejectedException)
        {
            Failed();
            throw NoAnswer(e);
        }
        catch
        {
            breaker.GivenUp();
            throw;
        }
    }

    private void Failed()
    {
        if (breaker.Failed()) log.LogWarning("InfluxDB at {Url} does not answer and is left alone for {Pause}", options.Url, options.BreakDuration);
    }

    public async Task<InfluxAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancel) =>
        new((int)response.StatusCode, InfluxAnswer.WordsOf(await BodyAsync(response, cancel)), RetryAfter(response));

    /// <summary>What says that a server is away, or was lost in the middle of its answer.</summary>
    public SinkException NoAnswer(Exception e) =>
        new($"InfluxDB at {options.Url} does not answer: {e.Message}. Check that it runs, and the URL", refused: false, e);

    /// <summary>For what is read after <see cref="OpenAsync"/>: the pipelines wait for the answer's head only.</summary>
    public Patience Patience(CancellationToken cancel) => new(options.RequestTimeout, time, cancel);

    /// <summary>The first <see cref="InfluxAnswer.BodyBytesMax"/> bytes; an answer that breaks off, or stands still, still has its status.</summary>
    public async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(InfluxAnswer.BodyBytesMax);
        int length = 0;
        using Patience patience = Patience(cancel);
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(patience.Token);
            while (length < InfluxAnswer.BodyBytesMax && await body.ReadAsync(bytes.AsMemory(length, InfluxAnswer.BodyBytesMax - length), patience.Token) is int read and > 0) length += read;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && patience.Lost))
        {
            // The status is what counts.
        }
        string text = Encoding.UTF8.GetString(bytes, 0, length);
        ArrayPool<byte>.Shared.Return(bytes);
        return text;
    }

    public void Dispose() => http.Dispose();

    private ResiliencePipeline<HttpResponseMessage> Pipeline(Func<double> jitter, bool serverErrors) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Math.Max(1, options.Retries),
                Delay = options.RetryPause,
                MaxDelay = options.RetryPauseMax,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = jitter,
                ShouldHandle = retry => ValueTask.FromResult(options.Retries > 0 && retry.Outcome switch
                {
                    { Exception: HttpRequestException or IOException or TimeoutRejectedException } => true,
                    { Result: { } response } => new InfluxAnswer((int)response.StatusCode, "", null) is { } answer && (answer.Busy || (serverErrors && answer.ServerError)),
                    _ => false,
                }),
                DelayGenerator = retry => ValueTask.FromResult(retry.Outcome.Result is { } response ? RetryAfter(response) : null),
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = options.RequestTimeout })
            .Build();

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        TimeSpan? wanted = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => null,
        };
        return wanted is not { } pause ? null
            : pause > options.RetryPauseMax ? options.RetryPauseMax
            : pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }
}
