using Pipeline.Processors.History;

namespace Pipeline.Processors.Patterns;

/// <summary>The mean series of each community of two VMs or more.</summary>
internal sealed class CommunityMeans
{
    private readonly int length;
    private readonly float[] values;

    private CommunityMeans(int length, IReadOnlyList<int> labels, float[] values) => (this.length, Labels, this.values) = (length, labels, values);

    /// <summary>The communities, ascending.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>[length] mean over a community's VMs whose step is known; NaN where it is of none.</summary>
    public ReadOnlySpan<float> Row(int community) => values.AsSpan(community * length, length);

    /// <summary>Takes the series of the VMs and the community of each.</summary>
    public static CommunityMeans Of(SeriesRows cpu, int length, ReadOnlySpan<int> communities)
    {
        SortedDictionary<int, List<int>> members = [];
        for (int row = 0; row < communities.Length; row++)
        {
            if (communities[row] < 0) continue;
            if (!members.TryGetValue(communities[row], out List<int>? rows)) members[communities[row]] = rows = [];
            rows.Add(row);
        }
        int[] labels = [.. members.Where(m => m.Value.Count > 1).Select(m => m.Key)];
        float[] values = new float[labels.Length * length];
        double[] sums = new double[length];
        int[] counts = new int[length];
        for (int c = 0; c < labels.Length; c++)
        {
            Array.Clear(sums);
            Array.Clear(counts);
            foreach (int row in members[labels[c]])
            {
                ReadOnlySpan<float> series = cpu(row);
                for (int t = 0; t < length; t++)
                {
                    if (!float.IsFinite(series[t])) continue;
                    sums[t] += series[t];
                    counts[t]++;
                }
            }
            for (int t = 0; t < length; t++) values[(c * length) + t] = counts[t] == 0 ? float.NaN : (float)(sums[t] / counts[t]);
        }
        return new CommunityMeans(length, labels, values);
    }
}
