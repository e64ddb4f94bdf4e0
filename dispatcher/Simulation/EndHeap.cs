namespace Pipeline.Dispatcher.Simulation;

/// <summary>Which VM's next event comes first: a binary heap of all VMs whose times can be changed.</summary>
internal sealed class EndHeap
{
    private readonly double[] times;
    private readonly int[] heap;
    private readonly int[] places;

    /// <summary>All times are infinite at first.</summary>
    public EndHeap(int count)
    {
        times = new double[count];
        Array.Fill(times, double.PositiveInfinity);
        heap = [.. Enumerable.Range(0, count)];
        places = [.. Enumerable.Range(0, count)];
    }

    public int First => heap[0];

    public double FirstTime => times[heap[0]];

    public void Set(int item, double time)
    {
        times[item] = time;
        int place = places[item];
        while (place > 0 && Before(item, heap[(place - 1) / 2])) place = Move(heap[(place - 1) / 2], place, (place - 1) / 2);
        while (true)
        {
            int child = (2 * place) + 1;
            if (child >= heap.Length) break;
            if (child + 1 < heap.Length && Before(heap[child + 1], heap[child])) child++;
            if (!Before(heap[child], item)) break;
            place = Move(heap[child], place, child);
        }
        heap[place] = item;
        places[item] = place;
    }

    // Equal times go by number, so that a run does not depend on the heap's past.
    private bool Before(int a, int b) => times[a] < times[b] || (times[a] == times[b] && a < b);

    private int Move(int item, int to, int from)
    {
        heap[to] = item;
        places[item] = to;
        return from;
    }
}
