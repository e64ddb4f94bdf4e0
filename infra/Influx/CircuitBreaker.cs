namespace Pipeline.Infra.Influx;

/// <summary>
/// Opens when so many requests in a row had no usable answer; after a pause lets one through and closes if that is answered. Polly's breaker
/// goes by shares of failures in a window of time, and cannot count those in a row. Safe to use from several threads.
/// </summary>
internal sealed class CircuitBreaker(int after, TimeSpan pause, TimeProvider time)
{
    private readonly Lock gate = new();
    private int failures;
    private long opened;
    private bool open;
    private bool probing;

    /// <summary>Whether a request may go out; each that may ends in <see cref="Answered"/>, <see cref="Failed"/> or <see cref="GivenUp"/>.</summary>
    public bool TryEnter()
    {
        lock (gate)
        {
            if (!open) return true;
            if (probing || time.GetElapsedTime(opened) < pause) return false;
            return probing = true;
        }
    }

    /// <summary>The server has answered; true: it was left alone until now.</summary>
    public bool Answered()
    {
        lock (gate)
        {
            bool closes = open;
            (failures, open, probing) = (0, false, false);
            return closes;
        }
    }

    /// <summary>The server has not answered; true: it is left alone from now on.</summary>
    public bool Failed()
    {
        lock (gate)
        {
            bool opens = ++failures >= after && (!open || probing);
            if (opens) (open, opened) = (true, time.GetTimestamp());
            probing = false;
            return opens;
        }
    }

    /// <summary>The caller did not wait, which says nothing about the server.</summary>
    public void GivenUp()
    {
        lock (gate) probing = false;
    }
}
