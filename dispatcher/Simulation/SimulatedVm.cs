namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// A VM under processor sharing. All calls on it run at one rate, so how much a call has done is the same integral for all of them:
/// a call that needs w ends when the integral has grown by w, and only the next end has to be known.
/// </summary>
internal sealed class SimulatedVm(double cores, long memoryBytes = long.MaxValue)
{
    private readonly PriorityQueue<int, double> running = new();
    private double doneS;
    private double nowS;
    private double ownLoad;

    /// <summary>It is there; one that was evicted is not.</summary>
    public bool Up { get; private set; } = true;

    /// <summary>Memory of the calls on it, bytes.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Memory that calls leave, bytes: idle containers may have it.</summary>
    public long FreeBytes => memoryBytes - UsedBytes;

    /// <summary>CPU seconds that functions used here.</summary>
    public double WorkS { get; private set; }

    /// <summary>Seconds with a call on it.</summary>
    public double BusyS { get; private set; }

    /// <summary>When the next call ends, if nothing changes; infinite without calls.</summary>
    public double NextEndS => running.TryPeek(out _, out double end) ? nowS + (Math.Max(0, end - doneS) / Rate) : double.PositiveInfinity;

    private double Rate => ExecutionModel.Rate(cores, ownLoad, running.Count);

    public void Start(int call, double workS, double timeS, long bytes = 0)
    {
        Advance(timeS);
        running.Enqueue(call, doneS + workS);
        UsedBytes += bytes;
        if (UsedBytes > memoryBytes) throw new InvalidOperationException($"calls on a VM need {UsedBytes} bytes; it has {memoryBytes}");
    }

    /// <summary>The call that ends next, which is at <see cref="NextEndS"/>.</summary>
    public int Next => running.Peek();

    /// <summary>Takes the call out that ends at this time.</summary>
    public int End(double timeS, long bytes = 0)
    {
        Advance(timeS);
        UsedBytes -= bytes;
        return running.Dequeue();
    }

    /// <summary>The VM is gone, and the calls on it with it.</summary>
    public int[] Evict(double timeS)
    {
        Advance(timeS);
        int[] lost = [.. running.UnorderedItems.Select(i => i.Element).Order()];
        running.Clear();
        (Up, UsedBytes) = (false, 0);
        return lost;
    }

    /// <summary>The VM is back, empty.</summary>
    public void Return(double timeS)
    {
        Advance(timeS);
        Up = true;
    }

    public void SetOwnLoad(double utilization, double timeS)
    {
        Advance(timeS);
        ownLoad = utilization;
    }

    private void Advance(double timeS)
    {
        if (running.Count > 0)
        {
            double done = (timeS - nowS) * Rate;
            doneS += done;
            WorkS += done * running.Count;
            BusyS += timeS - nowS;
        }
        nowS = timeS;
    }
}
