namespace Pipeline.Infra.TimeSeries;

/// <summary>A point that the store will never take, and why.</summary>
/// <param name="Index">Where the point stood in the batch that was written.</param>
/// <param name="Reason">The store's own words where it said something.</param>
public sealed record RejectedPoint(int Index, Point Point, string Reason);
