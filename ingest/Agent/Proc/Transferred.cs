namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Two counters of one device since it appeared.</summary>
/// <param name="In">Read from a disk, received by a network interface.</param>
/// <param name="Out">Written, transmitted.</param>
public readonly record struct Transferred(ulong In, ulong Out)
{
    /// <summary>Where a counter of 32 bits (kernels of 32 bits) starts again.</summary>
    private const ulong Wrap32 = 1UL << 32;

    /// <summary>Growth of a counter. One that went back has wrapped at 32 bits when it was in the upper half of them, else it was reset to 0.</summary>
    public static ulong Grown(ulong before, ulong now) =>
        now >= before ? now - before
        : before < Wrap32 && before >= Wrap32 / 2 && now < Wrap32 / 2 ? now + Wrap32 - before
        : now;
}
