namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// Which calls were answered and which completed, of the last hour of event time and at most <see cref="Limit"/>: the oldest are forgotten first.
/// <code>
///             own decision, or dispatch read                completion
///   unknown ────────────────────────────────► answered ────────────────► completed
///      └──────────────── completion that overtakes its dispatch ────────────┘
/// </code>
/// </summary>
public sealed class CallMemory
{
    /// <summary>An hour at 290 calls a second; 72 MB when full.</summary>
    public const int Limit = 1_048_576;

    private const long KeptMs = 3_600_000;

    private readonly Dictionary<UInt128, bool> completed = [];
    private readonly Queue<(UInt128 Id, long TimeMs)> order = new();

    public int Count => completed.Count;

    /// <summary>Was the call answered?</summary>
    public bool Knows(UInt128 id) => completed.ContainsKey(id);

    /// <summary>Did the call complete?</summary>
    public bool IsCompleted(UInt128 id) => completed.GetValueOrDefault(id);

    /// <summary>Remembers an answer; false when it is known already.</summary>
    public bool AddAnswer(UInt128 id, long nowMs) => Add(id, false, nowMs);

    /// <summary>Remembers a completion, whether the answer is known or not.</summary>
    public void AddCompletion(UInt128 id, long nowMs)
    {
        if (!Add(id, true, nowMs)) completed[id] = true;
    }

    private bool Add(UInt128 id, bool done, long nowMs)
    {
        if (!completed.TryAdd(id, done)) return false;
        order.Enqueue((id, nowMs));
        while (order.Count > Limit || order.Peek().TimeMs < nowMs - KeptMs) completed.Remove(order.Dequeue().Id);
        return true;
    }
}
