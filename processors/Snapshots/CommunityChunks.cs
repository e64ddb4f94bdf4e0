using Pipeline.Processors.Communities;
using Pipeline.Processors.History;
using Pipeline.Schemas;

namespace Pipeline.Processors.Snapshots;

/// <summary>Cuts the communities of a snapshot into records of up to <see cref="Topics.ChunkVms"/> VMs; what is of the whole cell stands in the first.</summary>
internal static class CommunityChunks
{
    public static CommunityChunk Write(Snapshot snapshot, IReadOnlyList<string> vms, SnapshotFrame frame, int chunk, CommunitySnapshot communities)
    {
        (int first, int n) = SnapshotChunks.RowsOf(chunk, snapshot.Rows).GetOffsetAndLength(snapshot.Rows);
        CommunityChunk value = new()
        {
            Cell = frame.Cell,
            StepEndUnixMs = snapshot.StepEndUnixMs,
            StepMs = (uint)frame.StepMs,
            Revision = frame.Revision,
            Chunk = (uint)chunk,
            Chunks = (uint)SnapshotChunks.CountFor(snapshot.Rows),
        };
        for (int i = first; i < first + n; i++)
        {
            value.Vm.Add(vms[i]);
            value.Community.Add(communities.Ids[i]);
            value.SinceUnixMs.Add(communities.SinceUnixMs[i]);
            Membership membership = communities.Memberships[i];
            value.Membership.Add(membership.Share);
            value.Consensus.Add(membership.Consensus);
            value.Alternative.Add(membership.First.Community);
            value.Alternative.Add(membership.Second.Community);
            value.AlternativeShare.Add(membership.First.Share);
            value.AlternativeShare.Add(membership.Second.Share);
        }
        if (chunk > 0) return value;
        value.Communities.Add(Summaries(snapshot, communities));
        value.Events.Add(communities.Events);
        (value.Modularity, value.NextCommunity) = (communities.Modularity, communities.NextId);
        return value;
    }

    private static SortedDictionary<uint, Community>.ValueCollection Summaries(Snapshot snapshot, CommunitySnapshot communities)
    {
        SortedDictionary<uint, Community> sums = [];
        const int Newest = (HistoryOptions.WindowSteps - 1) * SignalSet.Count;
        for (int i = 0; i < snapshot.Rows; i++)
        {
            uint id = communities.Ids[i];
            if (!sums.TryGetValue(id, out Community? sum)) sums[id] = sum = Standing(id, communities);
            sum.Vms++;
            float cpu = snapshot.Window[(i * Snapshot.WindowSize) + Newest + SignalSet.Cpu];
            if (float.IsNaN(cpu)) continue;
            sum.VmsReporting++;
            sum.Cores += snapshot.Cores[i];
            sum.FreeCores += snapshot.Cores[i] * Math.Max(0, 1 - cpu);
        }
        return sums.Values;
    }

    private static Community Standing(uint id, CommunitySnapshot communities)
    {
        CommunityStanding standing = communities.Standings.GetValueOrDefault(id);
        return new Community { Id = id, Stability = standing.Stability, VmsAtEvent = (uint)standing.VmsAtEvent };
    }
}
