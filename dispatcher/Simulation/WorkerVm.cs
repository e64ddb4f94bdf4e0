using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// A VM that runs calls. The rate of a call follows the VM's own load over time but counts the calls as they are at its start, so its end is
/// known at once: what comes later slows only itself down. (The offline simulator shares the cores anew with every arrival and end.)
/// </summary>
internal sealed class WorkerVm(int row, OwnLoad load, WorkerOptions options)
{
    private readonly PriorityQueue<Running, long> running = new();
    private readonly double shiftMs = options.TraceShift.TotalMilliseconds;
    private long usedBytes;

    /// <summary>Calls that end up to this time leave a warm container, if they succeeded.</summary>
    public void AdvanceTo(long nowMs, ContainerPool containers)
    {
        while (running.TryPeek(out Running call, out long endMs) && endMs <= nowMs)
        {
            running.Dequeue();
            usedBytes -= call.Bytes;
            if (call.Succeeds) containers.Add(row, call.Function, call.Bytes, endMs + (long)options.KeepAlive.TotalMilliseconds);
        }
    }

    /// <summary>Memory is there, once idle containers have given way.</summary>
    public bool MakeRoom(long bytes, ContainerPool containers)
    {
        long left = load.MemoryBytes(row) - usedBytes - bytes;
        if (left < 0) return false;
        containers.Shrink(row, left);
        return true;
    }

    /// <summary>Runs a call of so much work (CPU seconds) from this time on; the container's start comes first.</summary>
    public Execution Run(int function, long bytes, double coldStartS, double serviceS, long startMs)
    {
        int calls = running.Count + 1;
        double timeoutMs = options.Timeout.TotalMilliseconds;
        (double coldMs, double coldCpuS) = Work(coldStartS, startMs, calls, timeoutMs);
        (double serviceMs, double serviceCpuS) = Work(serviceS, startMs + coldMs, calls, timeoutMs - coldMs);
        bool succeeds = coldCpuS >= coldStartS && serviceCpuS >= serviceS;
        long endMs = startMs + (long)Math.Ceiling(coldMs + serviceMs);
        running.Enqueue(new Running(function, bytes, succeeds), endMs);
        usedBytes += bytes;
        return new Execution(endMs, coldMs + serviceMs, coldMs, coldCpuS + serviceCpuS, succeeds);
    }

    // Time that the work takes, and how much of it is done, when it is stopped after so long.
    private (double Ms, double CpuS) Work(double cpuS, double fromMs, int calls, double mostMs)
    {
        double nowMs = fromMs - shiftMs, endMs = nowMs + mostMs, left = cpuS;
        for (int slot = load.SlotAt(nowMs); left > 0 && nowMs < endMs; slot++)
        {
            double rate = ExecutionModel.Rate(load.Cores(row), load.At(slot, row), calls);
            double untilMs = Math.Min(load.EndOf(slot), endMs), neededMs = left / rate * 1000;
            if (nowMs + neededMs <= untilMs) return (nowMs + neededMs + shiftMs - fromMs, cpuS);
            left -= (untilMs - nowMs) / 1000 * rate;
            nowMs = untilMs;
        }
        return (nowMs + shiftMs - fromMs, cpuS - left);
    }

    private readonly record struct Running(int Function, long Bytes, bool Succeeds);
}
