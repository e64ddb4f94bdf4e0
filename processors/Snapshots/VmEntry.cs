namespace Pipeline.Processors.Snapshots;

/// <summary>One VM of a cell.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slot">Its slot in the history.</param>
public sealed record VmEntry(string Name, int Slot)
{
    /// <summary>First step that it reported in; late reports may move it back.</summary>
    public required long FirstKnown { get; set; }

    /// <summary>Newest step that it reported in.</summary>
    public required long LastReported { get; set; }
}
