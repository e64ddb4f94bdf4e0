namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Bytes that one device has moved since it appeared.</summary>
/// <param name="In">Read from a disk, received by a network interface.</param>
/// <param name="Out">Written, transmitted.</param>
public readonly record struct Transferred(ulong In, ulong Out)
{
    /// <summary>Where a counter of 32 bits (kernels of 32 bits) starts again.</summary>
    private const ulong Wrap32 = 1UL << 32;

    /// <summary>
    /// Bytes moved between two readings of all devices, device by device. A device that is new in <paramref name="now"/> was plugged in
    /// meanwhile, so that all it has moved counts; one that is gone counts no more.
    /// </summary>
    public static (double In, double Out) Between(IReadOnlyDictionary<string, Transferred> before, IReadOnlyDictionary<string, Transferred> now)
    {
        (double bytesIn, double bytesOut) = (0, 0);
        foreach ((string device, Transferred after) in now)
        {
            Transferred first = before.GetValueOrDefault(device);
            bytesIn += Grown(first.In, after.In);
            bytesOut += Grown(first.Out, after.Out);
        }
        return (bytesIn, bytesOut);
    }

    /// <summary>Growth of a counter. One that went back has wrapped at 32 bits when it was in the upper half of them, else it was reset to 0.</summary>
    public static ulong Grown(ulong before, ulong now) =>
        now >= before ? now - before
        : before < Wrap32 && before >= Wrap32 / 2 && now < Wrap32 / 2 ? now + Wrap32 - before
        : now;
}
