using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Processors.Trust;

/// <summary>What agent.keys says of each cell. Read whole by every instance, before any report.</summary>
public sealed class KeyDirectory : IGlobalReader
{
    private readonly Dictionary<string, CellKeys> cells = new(StringComparer.Ordinal);

    public void Reset() => cells.Clear();

    public void Apply(in StreamRecord record, IOutput output)
    {
        // Compacted away: the cell asks for nothing any more.
        if (record.Value.Length == 0) cells.Remove(record.KeyText);
        else if (record.TryRead(Topics.AgentKeys, output, out CellKeys keys)) cells[keys.Cell] = keys;
    }

    /// <summary>Null: nothing is asked of the cell's reports.</summary>
    public CellKeys? Of(string cell) => cells.GetValueOrDefault(cell);
}
