namespace Pipeline.Schemas;

/// <summary>Codes of <see cref="Dispatch.RejectCode"/>. Gateways may act on them, so they never change their meaning.</summary>
public static class RejectCodes
{
    /// <summary>No VM is known yet, or every one of them has been silent for too long.</summary>
    public const string NoFleet = "no-fleet";

    /// <summary>No VM has the memory.</summary>
    public const string NoMemory = "no-memory";

    /// <summary>No VM is expected to finish within the deadline.</summary>
    public const string Deadline = "deadline";
}
