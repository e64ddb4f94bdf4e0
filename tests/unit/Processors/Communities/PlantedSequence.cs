using Pipeline.Processors.Communities;
using Kind = Pipeline.Schemas.CommunityEvent.Types.Kind;

namespace Pipeline.Tests.Unit.Processors.Communities;

/// <summary>A fleet whose communities, and what happens to them from step to step, are known. Every step has other random edges.</summary>
internal sealed class PlantedSequence
{
    private const int EdgesInside = 8, RestSteps = 2;

    private static readonly Kind[] Kinds = [Kind.Born, Kind.Died, Kind.Split, Kind.Merged, Kind.Grew, Kind.Shrank, Kind.Moved];

    private readonly Random random;
    private readonly List<Group> groups = [];
    private int named;

    public PlantedSequence(int seed)
    {
        random = new Random(seed);
        for (int i = 0; i < 12; i++) groups.Add(NewGroup(random.Next(15, 60)));
    }

    /// <summary>VMs in ordinal order.</summary>
    public string[] Vms => [.. groups.SelectMany(g => g.Vms).Order(StringComparer.Ordinal)];

    /// <summary>Communities that nothing has happened to for a while.</summary>
    public IEnumerable<IReadOnlyList<string>> Undisturbed => groups.Where(g => g.Rest == 0).Select(g => g.Vms);

    /// <summary>One to three events, on communities that have had a rest since their last one.</summary>
    /// <returns>Each with the VMs that it is about.</returns>
    public List<PlantedEvent> Step()
    {
        foreach (Group group in groups) group.Rest = Math.Max(0, group.Rest - 1);
        List<PlantedEvent> events = [];
        for (int i = random.Next(1, 4); i > 0; i--)
            if (Apply(Kinds[random.Next(Kinds.Length)]) is { } planted) events.Add(planted);
        return events;
    }

    /// <summary>The graph as a step shows it: eight correlated VMs each, and one edge in ten that leads anywhere.</summary>
    public CsrGraph Graph(string[] vms)
    {
        Dictionary<string, int> rows = vms.Index().ToDictionary(v => v.Item, v => v.Index);
        List<(int, int, double)> edges = [];
        foreach (Group group in groups)
        {
            foreach (string vm in group.Vms)
            {
                for (int e = 0; e < EdgesInside; e++)
                    edges.Add((rows[vm], rows[group.Vms[random.Next(group.Vms.Count)]], .3 + (.5 * random.NextDouble())));
                if (random.NextDouble() < .9) edges.Add((rows[vm], random.Next(vms.Length), .2 + (.2 * random.NextDouble())));
            }
        }
        return CsrGraph.FromEdges(vms.Length, [.. edges.DistinctBy(e => (Math.Min(e.Item1, e.Item2), Math.Max(e.Item1, e.Item2)))]);
    }

    private PlantedEvent? Apply(Kind kind)
    {
        if (kind == Kind.Born)
        {
            if (groups.Count > 20) return null;
            groups.Add(NewGroup(random.Next(10, 40)));
            return Tell(kind, groups[^1]);
        }
        Group[] ready = [.. groups.Where(g => g.Rest == 0 && g.Vms.Count is > 12 and < 120)];
        if (ready.Length < 2) return null;
        random.Shuffle(ready);
        (Group first, Group second) = (ready[0], ready[1]);
        switch (kind)
        {
            case Kind.Died:
                if (groups.Count < 8) return null;
                groups.Remove(first);
                return new PlantedEvent(kind, [.. first.Vms]);
            case Kind.Split:
                if (first.Vms.Count < 30) return null;
                PlantedEvent split = Tell(kind, first);
                Group part = new() { Rest = RestSteps };
                Move(first, part, (int)(first.Vms.Count * (.35 + (.15 * random.NextDouble()))));
                groups.Add(part);
                return split;
            case Kind.Merged:
                Move(first, second, first.Vms.Count);
                groups.Remove(first);
                return Tell(kind, second);
            case Kind.Grew:
                Add(first, (int)(first.Vms.Count * (.35 + (.3 * random.NextDouble()))));
                return Tell(kind, first);
            case Kind.Shrank:
                first.Vms.RemoveRange(0, (int)(first.Vms.Count * (.35 + (.15 * random.NextDouble()))));
                return Tell(kind, first);
            default:
                string vm = first.Vms[0];
                Move(first, second, 1);
                (first.Rest, second.Rest) = (RestSteps, RestSteps);
                return new PlantedEvent(kind, [vm]);
        }
    }

    private static PlantedEvent Tell(Kind kind, Group group)
    {
        group.Rest = RestSteps;
        return new PlantedEvent(kind, [.. group.Vms]);
    }

    private static void Move(Group from, Group to, int vms)
    {
        to.Vms.AddRange(from.Vms[..vms]);
        from.Vms.RemoveRange(0, vms);
    }

    private Group NewGroup(int vms)
    {
        Group group = new() { Rest = RestSteps };
        Add(group, vms);
        return group;
    }

    private void Add(Group group, int vms)
    {
        for (int i = 0; i < vms; i++) group.Vms.Add($"vm-{random.Next(10_000):0000}-{named++}");
    }

    private sealed class Group
    {
        public List<string> Vms { get; } = [];

        public int Rest { get; set; }
    }
}

/// <summary>What was planted.</summary>
/// <param name="Vms">The VMs of the community that it is about: as it now is, for those that died or split as it was; the VM that moved.</param>
internal sealed record PlantedEvent(Kind Kind, HashSet<string> Vms);
