using Pipeline.Schemas;

namespace Pipeline.Local.Audit;

/// <summary>One call as the topics tell it; what is not there yet is null.</summary>
public sealed class Call
{
    public Invocation? Invocation { get; set; }

    /// <summary>When the invocation was produced, wall clock, Unix milliseconds.</summary>
    public long InvokedUnixMs { get; set; }

    public Dispatch? Answer { get; set; }

    /// <summary>When the answer was produced, wall clock, Unix milliseconds.</summary>
    public long AnsweredUnixMs { get; set; }

    public Completion? Completion { get; set; }
}
