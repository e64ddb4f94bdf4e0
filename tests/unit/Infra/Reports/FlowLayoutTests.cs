using CsCheck;
using Pipeline.Infra.Reports;

namespace Pipeline.Tests.Unit.Infra.Reports;

public sealed class FlowLayoutTests
{
    [Fact]
    public void Every_item_is_in_one_box_and_bands_fill_the_boxes_that_they_join() =>
        Gen.Int[-1, 4].Array[12].Array[2, 6].Sample(members =>
        {
            FlowLayout flow = new(members, gap: 1);
            for (int c = 0; c < members.Length; c++)
            {
                Assert.Equal(members[c].Count(m => m >= 0), flow.Boxes[c].Values.Sum(b => b.Count));
                AssertApart([.. flow.Boxes[c].Values.Select(b => (b.Low, b.Low + b.Count))]);
                if (c + 1 == members.Length) continue;
                (int From, int To, double Low, double LowNext, int Count)[] bands = [.. flow.Bands(c)];
                Assert.Equal(Enumerable.Range(0, 12).Count(i => members[c][i] >= 0 && members[c + 1][i] >= 0), bands.Sum(b => b.Count));
                AssertApart([.. bands.Select(b => (b.Low, b.Low + b.Count))]);
                AssertApart([.. bands.Select(b => (b.LowNext, b.LowNext + b.Count))]);
                Assert.All(bands, b => Assert.InRange(b.Low, flow.Boxes[c][b.From].Low, flow.Boxes[c][b.From].Low + flow.Boxes[c][b.From].Count - b.Count));
                Assert.All(bands, b => Assert.InRange(b.LowNext, flow.Boxes[c + 1][b.To].Low, flow.Boxes[c + 1][b.To].Low + flow.Boxes[c + 1][b.To].Count - b.Count));
            }
        }, iter: 300);

    [Fact]
    public void A_part_that_breaks_off_stands_beside_what_it_was_part_of()
    {
        FlowLayout flow = new([[0, 0, 0, 0, 1, 1, 2], [0, 0, 3, 3, 1, 1, 2]], gap: 1);
        Assert.Equal([0, 3, 1, 2], flow.Boxes[1].OrderBy(b => b.Value.Low).Select(b => b.Key));
    }

    private static void AssertApart((double Low, double High)[] spans)
    {
        Array.Sort(spans);
        for (int i = 1; i < spans.Length; i++) Assert.True(spans[i].Low >= spans[i - 1].High, $"{spans[i - 1]} and {spans[i]} overlap");
    }
}
