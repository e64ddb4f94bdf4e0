using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Skill;

/// <summary>The names of a cell's VMs as text; they are made anew only when they have changed.</summary>
internal sealed class NameTable
{
    private readonly List<byte[]> _bytes = [];
    private List<string> _names = [];

    /// <summary>Names of all rows of a snapshot; the list is the one of the last call as long as they are the same.</summary>
    public IReadOnlyList<string> Of(IReadOnlyList<SnapshotView> snapshot)
    {
        bool same = _bytes.Count == snapshot.Count;
        for (int c = 0; same && c < snapshot.Count; c++) same = snapshot[c].Names.SequenceEqual(_bytes[c]);
        if (same) return _names;
        _bytes.Clear();
        // Forecasts that are kept hold the list of before.
        _names = new List<string>(_names.Count);
        foreach (SnapshotView part in snapshot)
        {
            _bytes.Add(part.Names.ToArray());
            part.AddNames(_names);
        }
        return _names;
    }
}
