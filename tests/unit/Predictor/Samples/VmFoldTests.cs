using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;

namespace Pipeline.Tests.Unit.Predictor.Samples;

public sealed class VmFoldTests
{
    private static readonly string[] Vms = [.. Enumerable.Range(0, 500).Select(i => $"vm-{i}")];

    [Fact]
    public void Parts_are_of_about_one_size_and_every_vm_is_in_one()
    {
        int[] sizes = [.. Enumerable.Range(1, 5).Select(part => Vms.Count(new VmFold(part, 5).Holds))];
        Assert.Equal(Vms.Length, sizes.Sum());
        Assert.All(sizes, n => Assert.InRange(n, 70, 130));
    }

    [Theory]
    [InlineData("1/5", true)]
    [InlineData("5/5", true)]
    [InlineData("0/5", false)]
    [InlineData("6/5", false)]
    [InlineData("1/1", false)]
    [InlineData("1", false)]
    [InlineData("-1/5", false)]
    [InlineData("a/b", false)]
    public void A_part_is_told_as_one_of_how_many(string text, bool valid) => Assert.Equal(valid, VmFold.TryParse(text, out _));

    [Fact]
    public void Of_vms_that_are_no_cases_nothing_is_drawn()
    {
        float[] utilization = new float[40 * 10];
        for (int i = 0; i < utilization.Length; i++) utilization[i] = i * 7 % 10 / 10f;
        TraceTruth truth = new(utilization, vms: 10, slotMs: 300_000, vm => vm % 2 == 0);
        QueryDraw draw = new(truth, steps: 12, busy: .8f);
        Random random = new(1);
        List<int> drawn = [.. Enumerable.Range(0, 20).SelectMany(slot => draw.Draw(slot, random)).Select(d => d.Vm)];
        Assert.True(drawn.Count > 20);
        Assert.All(drawn, vm => Assert.True(vm % 2 == 0));
    }
}
