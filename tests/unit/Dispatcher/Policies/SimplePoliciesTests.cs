using Pipeline.Dispatcher.Policies;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Policies;

public sealed class SimplePoliciesTests
{
    [Fact]
    public void Round_robin_takes_one_VM_after_the_other()
    {
        TestFleet fleet = Fleet(RoundRobinPolicy.PolicyName, 3);
        Assert.Equal(["vm-000", "vm-001", "vm-002", "vm-000"], Route(fleet, 4));
    }

    [Fact]
    public void Random_takes_all_VMs_alike()
    {
        TestFleet fleet = Fleet(RandomPolicy.PolicyName, 5);
        Assert.All(Route(fleet, 500).CountBy(v => v), v => Assert.InRange(v.Value, 70, 130));
    }

    [Fact]
    public void The_shortest_queue_is_joined()
    {
        TestFleet fleet = Fleet(ShortestQueuePolicy.PolicyName, 7);
        Assert.All(Route(fleet, 70).CountBy(v => v), v => Assert.Equal(10, v.Value));
    }

    [Theory]
    [InlineData(RoundRobinPolicy.PolicyName)]
    [InlineData(RandomPolicy.PolicyName)]
    [InlineData(ShortestQueuePolicy.PolicyName)]
    [InlineData(ShortestOfTwoPolicy.PolicyName)]
    [InlineData(OpenWhiskPolicy.PolicyName)]
    [InlineData(BoundedLoadsPolicy.PolicyName)]
    [InlineData(HikuPolicy.PolicyName)]
    [InlineData(HermesPolicy.PolicyName)]
    [InlineData(PrequalPolicy.PolicyName)]
    [InlineData(LoadPackingPolicy.PolicyName)]
    [InlineData(ExpectedCompletionTimePolicy.PolicyName)]
    public void Every_policy_passes_over_what_has_no_memory_and_rejects_when_nothing_has(string policy)
    {
        TestFleet fleet = Fleet(policy, 4, memoryBytes: 256 * TestFleet.Mebibyte);
        List<Dispatch> answers = [.. Enumerable.Range(0, 10).Select(i => fleet.Router.Route(TestFleet.Call($"{i}"))!)];
        Assert.Equal(8, answers.Count(a => a.Outcome == Dispatch.Types.Outcome.Dispatched));
        Assert.All(answers.Skip(8), a => Assert.Equal(RejectCodes.NoMemory, a.RejectCode));
        Assert.All(Enumerable.Range(0, 4), v => Assert.Equal(256 * TestFleet.Mebibyte, fleet.State.Vms.CommittedBytes[v]));
    }

    [Fact]
    public void An_unknown_policy_is_named_with_those_there_are() =>
        Assert.Contains("jsq", Assert.Throws<ArgumentException>(() => PolicyCatalog.Create("best", new PolicyOptions())).Message);

    private static TestFleet Fleet(string policy, int vms, long memoryBytes = 16 * TestFleet.Gibibyte)
    {
        TestFleet fleet = new(policy: policy);
        fleet.Feed.Read(TestFleet.Predict(Samples.Time, TestFleet.Names(vms), memoryBytes: memoryBytes));
        return fleet;
    }

    private static List<string> Route(TestFleet fleet, int calls) => [.. Enumerable.Range(0, calls).Select(i => fleet.Router.Route(TestFleet.Call($"{i}"))!.Vm)];
}
