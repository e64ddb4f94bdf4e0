namespace Pipeline.Dispatcher.Tenancy;

/// <summary>Calls of one tenant that wait, first come first served, and its tags in virtual time.</summary>
internal sealed class FairFlow
{
    private readonly Queue<WaitingCall> calls = new();

    /// <summary>Calls that wait; those dropped are not counted.</summary>
    public int Count { get; private set; }

    /// <summary>Start tag of the next call.</summary>
    public double Start { get; set; }

    /// <summary>Finish tag of the newest call served.</summary>
    public double Finish { get; private set; }

    public void Add(WaitingCall call, double virtualTime)
    {
        if (Count == 0) Start = Math.Max(virtualTime, Finish);
        calls.Enqueue(call);
        Count++;
    }

    /// <summary>The next call; null when none waits.</summary>
    public WaitingCall? Peek()
    {
        while (calls.TryPeek(out WaitingCall? call))
        {
            if (call.IsWaiting) return call;
            calls.Dequeue();
        }
        return null;
    }

    /// <summary>The next call is served: it is this much work for this weight.</summary>
    public void Serve(double work, double weight)
    {
        calls.Dequeue().IsWaiting = false;
        Count--;
        Finish = Start + (work / weight);
        Start = Finish;
    }

    /// <summary>A call waits no more.</summary>
    public void Drop(WaitingCall call)
    {
        if (!call.IsWaiting) return;
        call.IsWaiting = false;
        Count--;
    }
}
