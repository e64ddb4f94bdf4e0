namespace Pipeline.Infra.TimeSeries;

/// <summary>What became of a batch: every point of it is either stored or rejected.</summary>
/// <param name="Stored">Points that the store has acknowledged.</param>
/// <param name="FieldsDropped">Fields of them that hold no storable number (NaN, infinities, unsigned above what the store can hold).</param>
public sealed record WriteResult(int Stored, IReadOnlyList<RejectedPoint> Rejected, int FieldsDropped);
