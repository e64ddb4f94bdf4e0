using System.Globalization;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>graph.communities to <c>community_step</c>, one point per community and step, and <c>community_event</c>. Which VM is in which community stands in <c>vm_prediction</c>.</summary>
public static class CommunityPoints
{
    public static void Map(CommunityChunk chunk, ICollection<Point> into)
    {
        foreach (Community community in chunk.Communities) into.Add(Step(chunk, community));
        foreach (CommunityEvent happened in chunk.Events) into.Add(Event(chunk, happened));
    }

    private static Point Step(CommunityChunk chunk, Community community)
    {
        Field[] counts =
        [
            new Field("vms", (long)community.Vms),
            new Field("vms_reporting", (long)community.VmsReporting),
        ];
        // Without reports the sums are over nothing: free cores are unknown then, not zero.
        Field[] sums = community.VmsReporting == 0 ? [] :
        [
            new Field("cores", community.Cores),
            new Field("free_cores", community.FreeCores),
            new Field("cpu", 1 - (community.FreeCores / community.Cores)),
        ];
        return new Point("community_step", [new Tag("cell", chunk.Cell), new Tag("community", Name(community.Id))], [.. counts, .. sums], EventTime.Ns(chunk.StepEndUnixMs));
    }

    private static Point Event(CommunityChunk chunk, CommunityEvent happened)
    {
        string others = string.Join(',', happened.Others.Select(Name));
        string kind = happened.Kind.ToString().ToLowerInvariant();
        List<Field> fields = [new Field("others_count", (long)happened.Others.Count), new Field("others", others)];
        if (happened.Vm.Length > 0) fields.Add(new Field("vm", happened.Vm));
        // Many VMs may move to one community in one step.
        long time = EventTime.Ns(chunk.StepEndUnixMs, $"{kind} {happened.Community} {others} {happened.Vm}");
        return new Point("community_event", [new Tag("cell", chunk.Cell), new Tag("community", Name(happened.Community)), new Tag("kind", kind)], [.. fields], time);
    }

    private static string Name(uint community) => community.ToString(CultureInfo.InvariantCulture);
}
