namespace Pipeline.Processors.Similarity;

/// <summary>The strongest neighbours of each row.</summary>
/// <param name="Rows">N.</param>
/// <param name="K">Neighbours per row at most.</param>
/// <param name="Index">[N, K] row numbers, strongest first, of equals the lower one first; -1 where there are fewer.</param>
/// <param name="Weight">[N, K] correlations in (0, 1]; 0 where there are fewer.</param>
public sealed record NeighbourList(int Rows, int K, int[] Index, float[] Weight);
