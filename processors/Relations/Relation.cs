using Pipeline.Schemas;

namespace Pipeline.Processors.Relations;

/// <summary>An edge of a kind other than similarity.</summary>
/// <param name="Kind">Which.</param>
/// <param name="From">Row of the one end, the lower.</param>
/// <param name="To">Row of the other.</param>
/// <param name="Weight">What it adds to the edge between the two, 0..1; similarity is a correlation on the same scale.</param>
public readonly record struct Relation(EdgeList.Types.Kind Kind, int From, int To, float Weight);
