using Pipeline.Processors.Relations;
using Pipeline.Schemas;
using Kind = Pipeline.Schemas.EdgeList.Types.Kind;

namespace Pipeline.Tests.Unit.Processors.Relations;

public sealed class RelationFinderTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(5, 10)]
    [InlineData(8, 28)]
    [InlineData(9, 36)]
    [InlineData(100, 400)]
    public void A_group_is_a_ring_in_which_small_ones_are_whole(int vms, int edges)
    {
        IReadOnlyList<Relation> found = RelationFinder.Find(Names(vms), [.. Enumerable.Repeat(new VmRelations(7, 0, []), vms)]);
        Assert.Equal(edges, found.Count);
        Assert.Equal(edges, found.Select(r => (r.From, r.To)).Distinct().Count());
        Assert.All(found, r => Assert.True(r.Kind == Kind.Hypervisor && r.From < r.To && r.Weight == RelationFinder.HypervisorWeight));
        Assert.Equal(found.OrderBy(r => (r.From, r.To)), found);
    }

    [Fact]
    public void Who_is_not_known_is_in_no_group_and_kinds_stand_apart()
    {
        IReadOnlyList<Relation> found = RelationFinder.Find(Names(4), [new(1, 5, []), new(0, 5, []), new(1, 0, []), new(0, 0, [])]);
        Assert.Equal([(Kind.Hypervisor, 0, 2), (Kind.Tenant, 0, 1)], found.Select(r => (r.Kind, r.From, r.To)));
    }

    [Fact]
    public void Calls_of_both_directions_are_one_edge_and_those_to_strangers_none()
    {
        VmRelations[] vms =
        [
            new(0, 0, [new CallRate { Vm = "vm-001", PerS = .75f }, new CallRate { Vm = "elsewhere", PerS = 9 }, new CallRate { Vm = "vm-000", PerS = 9 }]),
            new(0, 0, [new CallRate { Vm = "vm-000", PerS = .25f }]),
            new(0, 0, []),
        ];
        Assert.Equal([new Relation(Kind.Calls, 0, 1, RelationFinder.CallWeight / 2)], RelationFinder.Find(Names(3), vms));
    }

    private static string[] Names(int n) => [.. Enumerable.Range(0, n).Select(i => $"vm-{i:000}")];
}
