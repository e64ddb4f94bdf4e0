using Pipeline.Schemas;

namespace Pipeline.Local.Audit;

/// <summary>Calls from invocation to completion: each is answered once, and once more for each further attempt, and each attempt completes once.</summary>
public sealed class CallLedger
{
    private readonly Dictionary<string, Call> calls = new(StringComparer.Ordinal);
    private readonly HashSet<(string, uint, Dispatch.Types.Outcome)> answers = [];
    private readonly HashSet<(string, uint)> completions = [];

    /// <summary>Distinct invocations in the topic.</summary>
    public long Invocations { get; private set; }

    public long Dispatched { get; private set; }

    public long Rejected { get; private set; }

    public long Completed { get; private set; }

    public long ColdStarts { get; private set; }

    /// <summary>Second answers to an attempt, and second completions of one.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Answers to nothing that was asked, and completions of nothing that was dispatched.</summary>
    public long Unasked => calls.Values.Count(c => (c.Answer is not null && c.Invocation is null) || (c.Completion is not null && c.Answer is null));

    public IReadOnlyCollection<Call> Calls => calls.Values;

    public void Add(Invocation value, long timestampUnixMs)
    {
        Call call = Of(value.Id);
        if (call.Invocation is not null) return;
        call.Invocation = value;
        call.InvokedUnixMs = timestampUnixMs;
        Invocations++;
    }

    public void Add(Dispatch value, long timestampUnixMs)
    {
        Call call = Of(value.InvocationId);
        if (!answers.Add((value.InvocationId, value.Attempt, value.Outcome)))
        {
            Duplicates++;
            return;
        }
        // Further attempts, and giving up after the last, are no first answers.
        if (call.Answer is not null) return;
        call.Answer = value;
        call.AnsweredUnixMs = timestampUnixMs;
        if (value.Outcome == Dispatch.Types.Outcome.Dispatched) Dispatched++;
        else Rejected++;
    }

    public void Add(Completion value)
    {
        Call call = Of(value.InvocationId);
        if (!completions.Add((value.InvocationId, value.Attempt)))
        {
            Duplicates++;
            return;
        }
        if (call.Completion is not null) return;
        call.Completion = value;
        Completed++;
        if (value.ColdStart) ColdStarts++;
    }

    private Call Of(string id)
    {
        if (!calls.TryGetValue(id, out Call? call)) calls[id] = call = new Call();
        return call;
    }
}
