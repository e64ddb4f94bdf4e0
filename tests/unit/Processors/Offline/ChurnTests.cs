using Pipeline.Processors.Offline;
using Pipeline.Processors.Similarity;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Processors.Offline;

public sealed class ChurnTests
{
    private static readonly string[] Vms = ["a", "b", "c", "d", "e"];

    [Theory]
    [InlineData(.9f, .4f, 1)]
    [InlineData(.4f, .9f, 0)]
    public void A_change_is_without_cause_when_edges_still_lead_to_the_former_community(float toOld, float toNew, int withoutCause)
    {
        // c goes from a and b to d and e.
        Churn churn = new();
        churn.Add(Vms, Neighbours(toOld, toNew), [1, 1, 1, 2, 2], []);
        churn.Add(Vms, Neighbours(toOld, toNew), [1, 1, 2, 2, 2], []);
        Assert.Equal((5L, 1L, (long)withoutCause), (churn.Compared, churn.Changed, churn.WithoutCause));
    }

    [Fact]
    public void An_event_of_the_community_is_a_cause()
    {
        Churn churn = new();
        churn.Add(Vms, Neighbours(.9f, .1f), [1, 1, 1, 2, 2], []);
        churn.Add(Vms, Neighbours(.9f, .1f), [1, 1, 3, 2, 2], [new CommunityEvent { Kind = CommunityEvent.Types.Kind.Split, Community = 1, Others = { 1, 3 } }]);
        Assert.Equal((1L, 0L), (churn.Changed, churn.WithoutCause));
    }

    [Fact]
    public void Who_joins_or_comes_back_has_not_changed()
    {
        Churn churn = new();
        churn.Add(Vms[..2], Neighbours(0, 0), [1, 1], []);
        churn.Add(Vms[..1], Neighbours(0, 0), [1], []);
        churn.Add(Vms[..2], Neighbours(0, 0), [1, 2], []);
        Assert.Equal((2L, 0L), (churn.Compared, churn.Changed));
    }

    /// <summary>c has an edge to a and one to d.</summary>
    private static NeighbourList Neighbours(float first, float second) =>
        new(5, 2, [-1, -1, -1, -1, 0, 3, -1, -1, -1, -1], [0, 0, 0, 0, first, second, 0, 0, 0, 0]);
}
