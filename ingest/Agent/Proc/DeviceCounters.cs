namespace Pipeline.Ingest.Agent.Proc;

/// <summary>What one disk or network interface has counted since it appeared.</summary>
/// <param name="Bytes">Bytes moved.</param>
/// <param name="Operations">Reads and writes of a disk, packets of an interface.</param>
/// <param name="Dropped">Packets of either direction that were dropped; none of a disk.</param>
/// <param name="Errors">Packets of either direction that were wrong; none of a disk.</param>
public readonly record struct DeviceCounters(Transferred Bytes, Transferred Operations, ulong Dropped = 0, ulong Errors = 0)
{
    /// <summary>
    /// Growth between two readings of all devices, device by device. A device that is new in <paramref name="now"/> was plugged in
    /// meanwhile, so that all it has counted counts; one that is gone counts no more.
    /// </summary>
    public static DeviceGrowth Between(IReadOnlyDictionary<string, DeviceCounters> before, IReadOnlyDictionary<string, DeviceCounters> now)
    {
        DeviceGrowth grown = default;
        foreach ((string device, DeviceCounters after) in now)
        {
            DeviceCounters first = before.GetValueOrDefault(device);
            grown.BytesIn += Transferred.Grown(first.Bytes.In, after.Bytes.In);
            grown.BytesOut += Transferred.Grown(first.Bytes.Out, after.Bytes.Out);
            grown.OperationsIn += Transferred.Grown(first.Operations.In, after.Operations.In);
            grown.OperationsOut += Transferred.Grown(first.Operations.Out, after.Operations.Out);
            grown.Dropped += Transferred.Grown(first.Dropped, after.Dropped);
            grown.Errors += Transferred.Grown(first.Errors, after.Errors);
        }
        return grown;
    }
}
