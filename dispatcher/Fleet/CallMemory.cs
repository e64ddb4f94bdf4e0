namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// Which calls were answered and which completed: of the newest <see cref="Limit"/>. Not by event time, which partitions reach at different times.
/// <code>
///             own decision, or dispatch read                completion
///   unknown ────────────────────────────────► answered ────────────────► completed
///      └──────────────── completion that overtakes its dispatch ────────────┘
/// </code>
/// </summary>
public sealed class CallMemory
{
    /// <summary>An hour at 290 calls a second; 56 MB when full.</summary>
    public const int Limit = 1_048_576;

    private readonly Dictionary<UInt128, bool> completed = [];
    private readonly Queue<UInt128> order = new();

    public int Count => completed.Count;

    /// <summary>Was the call answered?</summary>
    public bool Knows(UInt128 id) => completed.ContainsKey(id);

    /// <summary>Did the call complete?</summary>
    public bool IsCompleted(UInt128 id) => completed.GetValueOrDefault(id);

    /// <summary>Remembers an answer; false when it is known already.</summary>
    public bool AddAnswer(UInt128 id) => Add(id, false);

    /// <summary>Remembers a completion, whether the answer is known or not.</summary>
    public void AddCompletion(UInt128 id)
    {
        if (!Add(id, true)) completed[id] = true;
    }

    private bool Add(UInt128 id, bool done)
    {
        if (!completed.TryAdd(id, done)) return false;
        order.Enqueue(id);
        if (order.Count > Limit) completed.Remove(order.Dequeue());
        return true;
    }
}
