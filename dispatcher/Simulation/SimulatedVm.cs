namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// A VM under processor sharing. All calls on it run at one rate, so how much a call has done is the same integral for all of them:
/// a call that needs w ends when the integral has grown by w, and only the next end has to be known.
/// </summary>
internal sealed class SimulatedVm(double cores)
{
    private readonly PriorityQueue<int, double> running = new();
    private double doneS;
    private double nowS;
    private double ownLoad;

    /// <summary>CPU seconds that functions used here.</summary>
    public double WorkS { get; private set; }

    /// <summary>When the next call ends, if nothing changes; infinite without calls.</summary>
    public double NextEndS => running.TryPeek(out _, out double end) ? nowS + (Math.Max(0, end - doneS) / Rate) : double.PositiveInfinity;

    private double Rate => ExecutionModel.Rate(cores, ownLoad, running.Count);

    public void Start(int call, double workS, double timeS)
    {
        Advance(timeS);
        running.Enqueue(call, doneS + workS);
    }

    /// <summary>Takes the call out that ends at this time, which is <see cref="NextEndS"/>.</summary>
    public int End(double timeS)
    {
        Advance(timeS);
        return running.Dequeue();
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
        }
        nowS = timeS;
    }
}
