namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>One partition's log. Offsets are indices; markers take one too, as in Kafka.</summary>
public sealed class SimulatedPartition
{
    private readonly List<SimulatedRecord> log = [];

    /// <summary>One past the last entry.</summary>
    public long High => log.Count;

    public IReadOnlyList<SimulatedRecord> Log => log;

    public void Append(SimulatedRecord record) => log.Add(record);

    /// <summary>
    /// The first record at or after <paramref name="offset"/> that a read-committed reader may see; without one, where the reader
    /// comes to rest: behind aborted records and markers, but not past the first record of an open transaction (the last stable offset).
    /// </summary>
    public (SimulatedRecord? Record, long Offset) Read(long offset)
    {
        for (; offset < log.Count; offset++)
        {
            SimulatedRecord record = log[(int)offset];
            if (record.Transaction is { Status: SimulatedTransaction.State.Open }) return (null, offset);
            if (!record.IsMarker && record.Transaction is not { Status: SimulatedTransaction.State.Aborted }) return (record, offset);
        }
        return (null, offset);
    }
}
