using System.IO.Compression;
using System.Net.Http.Headers;
using System.Numerics;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.Influx;

/// <summary>
/// Sends the lines of one write until each is stored or known to be bad.
/// <code>
///   answer to n lines            then
///   204                          stored
///   400, 422 (a bad line)        n > 1: each half by itself; n = 1: this is the bad line
///   413                          as above: half of it may fit
///   500, after retries           as above, as long as it may be the lines' fault: something else must get through
///   401, 403, 404, other 400s    given up, nothing is wrong with the lines
///   429, 503, 504, no answer     given up after retries
/// </code>
/// Halving sends good lines again that 1.x has stored already; a repeat changes nothing.
/// </summary>
/// <param name="packed">For compressed lines; nobody else uses it meanwhile.</param>
internal sealed class LineSender(InfluxHttp http, InfluxOptions options, string path, InfluxVersion server, MemoryStream packed)
{
    private static readonly MediaTypeHeaderValue TextPlain = new("text/plain") { CharSet = "utf-8" };

    private readonly List<(int Source, string Reason)> rejected = [];
    private readonly List<(int Source, string Reason)> suspects = [];
    private int serverErrors;

    /// <summary>Lines that the server has acknowledged.</summary>
    public int Stored { get; private set; }

    public Task SendAsync(LineBatch batch, CancellationToken cancel) => SendAsync(batch, 0, batch.Count, halved: false, cancel);

    /// <summary>The bad lines' points, when all is sent.</summary>
    /// <exception cref="SinkException">The server answers 500 to everything: that is not the lines' fault.</exception>
    /// <param name="stored">Lines of the whole write that the server has acknowledged.</param>
    public IReadOnlyList<(int Source, string Reason)> Finish(int stored)
    {
        if (suspects.Count == 0) return rejected;
        if (stored == 0) throw Broken(suspects[0].Reason);
        return [.. rejected, .. suspects];
    }

    private async Task SendAsync(LineBatch batch, int first, int count, bool halved, CancellationToken cancel)
    {
        ReadOnlyMemory<byte> body = batch.Lines(first, count);
        bool gzip = body.Length >= options.CompressFromBytes;
        if (gzip) body = Compress(body);
        InfluxAnswer answer = await http.AskAsync(HttpMethod.Post, path, () => Content(body, gzip), !halved || count == 1, cancel);
        if (answer.Done) Stored += count;
        else if (answer.Busy) throw new SinkException($"InfluxDB at {options.Url} is overloaded ({answer.Status}): {answer.Words}", refused: false);
        else if (answer.ServerError) CountServerError(answer);
        else if (!answer.BadLines && !answer.TooLarge) throw Refusal(answer);
        if (answer.Done) return;
        if (count == 1)
        {
            (answer.ServerError ? suspects : rejected).Add((batch.SourceOf(first), $"InfluxDB {server} answered {answer.Status}: {answer.Words}"));
            return;
        }
        await SendAsync(batch, first, count / 2, halved: true, cancel);
        await SendAsync(batch, first + (count / 2), count - (count / 2), halved: true, cancel);
    }

    /// <summary>One bad line is found after log2(n) halvings, and its neighbour gets through. Twice as many in a row, with nothing stored, and the server is broken.</summary>
    private void CountServerError(InfluxAnswer answer)
    {
        serverErrors++;
        if (Stored == 0 && serverErrors > (2 * BitOperations.Log2((uint)options.LinesMax)) + 2) throw Broken(answer.Words);
    }

    private SinkException Broken(string words) => new($"InfluxDB at {options.Url} answers 500 to everything: {words}", refused: false);

    private SinkException Refusal(InfluxAnswer answer) => new(
        $"InfluxDB {server} at {options.Url} refuses writes to '{options.Target}' ({answer.Status}): {answer.Words}. " + answer.Status switch
        {
            401 => "Check the token, or user and password",
            403 => "The token or user has no permission to write there, or is inactive",
            404 => "The database, bucket or organisation does not exist, or the token must not see it",
            400 or 422 when server.Major >= 3 => "Check the name of the database, and how many the server may have",
            _ => "Check the URL and what stands between",
        },
        refused: true);

    private static ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> body, bool gzip)
    {
        ReadOnlyMemoryContent content = new(body);
        content.Headers.ContentType = TextPlain;
        if (gzip) content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> body)
    {
        packed.SetLength(0);
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(body.Span);
        return packed.GetBuffer().AsMemory(0, (int)packed.Length);
    }
}
