using Google.Protobuf;
using Pipeline.Schemas;
using Xunit;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>An oracle that never says no would be worth nothing.</summary>
public sealed class OutputMatchTests
{
    [Fact]
    public void The_same_in_the_same_order_is_right() => Check([1, 2, 3], [Step(1), Step(2), Step(3)], lost: 0, differing: 0);

    [Fact]
    public void What_is_not_there_is_lost() => Check([1, 2, 3], [Step(1), Step(3)], lost: 1, differing: 0);

    [Fact]
    public void What_nobody_expects_differs() => Check([1, 2], [Step(1), Step(2), Step(7)], lost: 0, differing: 1);

    [Fact]
    public void Other_bytes_differ() => Check([1, 2, 3], [Step(1), Step(2, replayFrom: 5), Step(3)], lost: 0, differing: 1);

    [Fact]
    public void Another_order_differs() => Check([1, 2, 3], [Step(1), Step(3), Step(2)], lost: 0, differing: 1);

    [Fact]
    public void A_repeat_is_told_and_neither_lost_nor_different() => Check([1, 2], [Step(1), Step(1), Step(2)], lost: 0, differing: 0, told: 1);

    private static void Check(int[] expected, OutputRecord[] found, int lost, int differing, int? told = null)
    {
        OutputMatch match = new();
        foreach (int step in expected) match.Expect(Step(step));
        foreach (OutputRecord record in found) match.Find(record);
        List<string> said = [];
        Assert.Equal((lost, differing), match.Finish(said.Add));
        Assert.Equal(told ?? lost + differing, said.Count);
    }

    private static OutputRecord Step(int step, long replayFrom = 0) =>
        new(Topics.VmSteps.Name, 0, "cell", new StepChunk { Cell = "cell", StepEndUnixMs = step * 300_000L, ReplayFrom = replayFrom }.ToByteArray());
}
