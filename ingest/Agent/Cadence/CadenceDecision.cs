namespace Pipeline.Ingest.Agent.Cadence;

/// <summary>What to do at the end of a part.</summary>
public enum CadenceDecision
{
    /// <summary>Nothing: the part is held.</summary>
    Hold,

    /// <summary>Report what is held, the part with it.</summary>
    Report,

    /// <summary>Report what was held before the part, then the part: a change is not blurred with what came before it.</summary>
    ReportHeldThenPart,
}
