namespace Pipeline.Infra.Influx;

/// <summary>A token that ends when the caller gives up, or when the server has been silent for too long.</summary>
internal sealed class Patience : IDisposable
{
    private readonly TimeSpan longest;
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource silence;
    private readonly CancellationTokenSource either;

    /// <summary>The silence begins now.</summary>
    public Patience(TimeSpan longest, TimeProvider time, CancellationToken caller)
    {
        this.longest = longest;
        this.caller = caller;
        silence = new CancellationTokenSource(longest, time);
        either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, caller);
    }

    public CancellationToken Token => either.Token;

    /// <summary>Whether it is the server that was waited for in vain.</summary>
    public bool Lost => silence.IsCancellationRequested && !caller.IsCancellationRequested;

    /// <summary>The server has to say something from now on.</summary>
    public void Begin() => silence.CancelAfter(longest);

    /// <summary>It is the caller who takes the time.</summary>
    public void Rest() => silence.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        either.Dispose();
        silence.Dispose();
    }
}
