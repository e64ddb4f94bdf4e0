using Pipeline.Infra.CommandLine;

namespace Pipeline.Infra.Influx;

/// <summary>Where an InfluxDB is, how to be let in, and how hard to try. 1.x wants a database, 2.x an organisation and a bucket, 3.x a database; either name stands for the other.</summary>
public sealed record InfluxOptions
{
    /// <summary>For example http://influx:8086; a path in it is kept (a proxy may serve it below one).</summary>
    public required Uri Url { get; init; }

    public string? Database { get; init; }

    public string? Bucket { get; init; }

    public string? Organisation { get; init; }

    /// <summary>2.x and 3.x.</summary>
    public string? Token { get; init; }

    /// <summary>1.x, or a 1.x-compatible user of 2.x.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>Lines of one request: InfluxData recommends 5,000 as the best batch.</summary>
    public int LinesMax { get; init; } = 5000;

    /// <summary>Bytes of one request before compression; 1.x refuses more than 25 MB, 3.x more than 10 MB.</summary>
    public int BytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Requests of one write that are under way at a time, where it has so many; points of one series keep their order.</summary>
    public int RequestsMax { get; init; } = 2;

    /// <summary>Bodies from this size on are compressed; smaller ones fit into a packet or two anyway. Null: 2,048, and never on a loopback address, where there is no line to spare.</summary>
    public int? GzipFromBytes { get; init; }

    /// <summary>One request, answer included; servers give up themselves after 10 s (1.x write-timeout).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Further tries after the first before a batch is given back.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Pause before the second try; doubles, with jitter, up to <see cref="RetryPauseMax"/>, which also caps the server's Retry-After.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan RetryPauseMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So many requests in a row, each with all its tries, without a usable answer, and the server is left alone for <see cref="BreakDuration"/>.</summary>
    public int BreakAfter { get; init; } = 3;

    /// <summary>Meanwhile requests fail at once; afterwards one is let through to see whether the server is back.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Seed of the jitter.</summary>
    public int Seed { get; init; } = 1;

    internal int CompressFromBytes => GzipFromBytes ?? (Url.IsLoopback ? int.MaxValue : 2048);

    /// <summary>What points are written to, whatever it is called.</summary>
    public string Target => Bucket ?? Database ?? "";

    /// <exception cref="UserException">Something is missing or contradicts something else.</exception>
    public void Validate()
    {
        if (!Url.IsAbsoluteUri || Url.Scheme is not ("http" or "https"))
            throw new UserException($"InfluxDB URL '{Url}' is not http://host:port or https://host:port");
        if (Url.UserInfo.Length > 0)
            throw new UserException("the InfluxDB URL holds credentials: give --user and --password, or --token, instead");
        if (Target.Length == 0)
            throw new UserException("where to in InfluxDB? Give --bucket (2.x) or --database (1.x, 3.x)");
        if (Bucket is not null && Database is not null && Bucket != Database)
            throw new UserException($"--bucket '{Bucket}' and --database '{Database}' name two places: give one");
        if (Token is not null && User is not null)
            throw new UserException("give either --token (2.x, 3.x) or --user and --password (1.x), not both");
        if (User is null != Password is null)
            throw new UserException("--user and --password go together");
    }

    /// <summary>Without secrets.</summary>
    public override string ToString() => $"{Url} ({Target})";
}
