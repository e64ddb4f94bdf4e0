using Pipeline.Infra.CommandLine;
using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Benchmarks.Similarity;

/// <summary>How far two sides found the same neighbours.</summary>
/// <param name="Edges">Edges of the one, above a correlation.</param>
/// <param name="Found">Share of them that the other has too, or as good ones in their place.</param>
internal readonly record struct Agreement(long Edges, double Found)
{
    /// <summary>Single precision, summed in different orders.</summary>
    private const float Precision = 2e-5f;

    /// <summary>Edges of <paramref name="wanted"/> above a correlation that are in <paramref name="found"/> too.</summary>
    public static Agreement Of(NeighbourList wanted, NeighbourList found, float above)
    {
        long edges = 0, hit = 0;
        for (int row = 0; row < wanted.Rows; row++)
        {
            ReadOnlySpan<int> others = found.Index.AsSpan(row * found.K, found.K);
            for (int i = row * wanted.K; i < (row + 1) * wanted.K && wanted.Index[i] >= 0 && wanted.Weight[i] > above; i++)
            {
                edges++;
                if (others.Contains(wanted.Index[i])) hit++;
            }
        }
        return new Agreement(edges, edges == 0 ? 1 : (double)hit / edges);
    }

    /// <summary>
    /// Without gaps all sides compute the same: the i-th best of a row is equally good, down to a weight that every edge of ours may have.
    /// Below, ours leaves out pairs that chance could give, each pair by its own rows.
    /// </summary>
    public static void Check(NeighbourList ours, NeighbourList peer, float above, string side)
    {
        for (int i = 0; i < ours.Index.Length; i++)
        {
            if (peer.Weight[i] > above && Math.Abs(ours.Weight[i] - peer.Weight[i]) > Precision)
                throw new UserException($"row {i / ours.K}, neighbour {i % ours.K}: ours {ours.Weight[i]:R}, {side} {peer.Weight[i]:R}");
        }
    }
}
