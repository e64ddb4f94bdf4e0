namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// Which calls were answered, how often they were tried, and which ended: of the newest <see cref="Limit"/>. Not by event time, which partitions reach at different times.
/// <code>
///             own decision, or dispatch read                completion, rejection, cancellation
///   unknown ────────────────────────────────► answered ────────────────────────────────────────► ended
///      │                                        │  ▲ failure of attempt n, dispatch of attempt n + 1
///      │                                        └──┘                                              ▲
///      └──────────────── completion that overtakes its dispatch ──────────────────────────────────┘
/// </code>
/// </summary>
public sealed class CallMemory
{
    /// <summary>An hour at 290 calls a second; 56 MB when full.</summary>
    public const int Limit = 1_048_576;

    private readonly Dictionary<UInt128, Entry> calls = [];
    private readonly Queue<UInt128> order = new();

    public int Count => calls.Count;

    /// <summary>Was the call answered?</summary>
    public bool Knows(UInt128 id) => calls.ContainsKey(id);

    /// <summary>Did the call end?</summary>
    public bool IsCompleted(UInt128 id) => calls.TryGetValue(id, out Entry entry) && entry.Ended;

    /// <summary>The newest attempt answered; -1: none.</summary>
    public int Attempt(UInt128 id) => calls.TryGetValue(id, out Entry entry) ? entry.Attempt : -1;

    /// <summary>The newest attempt that failed; -1: none.</summary>
    public int FailedAttempt(UInt128 id) => calls.TryGetValue(id, out Entry entry) ? entry.Failed : -1;

    /// <summary>Remembers the answer of an attempt; false when it, or a later one, is known already, or something else is known of a first one.</summary>
    public bool AddAnswer(UInt128 id, int attempt = 0)
    {
        if (!calls.TryGetValue(id, out Entry entry))
        {
            Add(id, new Entry((short)attempt, -1, false));
            return true;
        }
        // Something overtook the first answer: it is taken for known, as is a repeat.
        if (attempt <= Math.Max((int)entry.Attempt, 0) && !(entry is { Attempt: < 0, Ended: false })) return false;
        calls[id] = entry with { Attempt = (short)attempt };
        return true;
    }

    /// <summary>Remembers that an attempt failed, whether its answer is known or not.</summary>
    public void AddFailure(UInt128 id, int attempt)
    {
        if (!calls.TryGetValue(id, out Entry entry)) Add(id, new Entry(-1, (short)attempt, false));
        else if (entry.Failed < attempt) calls[id] = entry with { Failed = (short)attempt };
    }

    /// <summary>Remembers the end of a call, whether the answer is known or not.</summary>
    public void AddCompletion(UInt128 id)
    {
        if (calls.TryGetValue(id, out Entry entry)) calls[id] = entry with { Ended = true };
        else Add(id, new Entry(-1, -1, true));
    }

    private void Add(UInt128 id, Entry entry)
    {
        calls[id] = entry;
        order.Enqueue(id);
        if (order.Count > Limit) calls.Remove(order.Dequeue());
    }

    private readonly record struct Entry(short Attempt, short Failed, bool Ended);
}
