using CsCheck;
using Pipeline.Ingest.Agent.Proc;

namespace Pipeline.Tests.Unit.Ingest.Agent.Proc;

public sealed class CpuTimesTests
{
    private const string Linux6 = """
        cpu  295118 382 47701 1120233 1846 7 388 1756 11 12
        cpu0 142186 199 23195 566909 370 0 43 928 0 0
        cpu1 152932 183 24506 553323 1476 0 344 828 0 0
        intr 2564240 0 0 0
        ctxt 5467890
        btime 1795446000
        processes 12345
        procs_running 3
        softirq 1 2 3
        """;

    [Fact]
    public void All_modes_and_the_number_of_CPUs_are_read() =>
        Assert.Equal((new CpuTimes(295118, 382, 47701, 1120233, 1846, 7, 388, 1756), 2), CpuTimes.Parse(Linux6));

    [Fact]
    public void An_old_kernel_without_iowait_and_steal_is_read() =>
        Assert.Equal((new CpuTimes(10, 20, 30, 40, 0, 0, 0, 0), 1), CpuTimes.Parse("cpu  10 20 30 40\ncpu0 10 20 30 40\n"));

    [Theory]
    [InlineData("")]
    [InlineData("cpu\n")]
    [InlineData("cpu 1 2 3\n")]
    [InlineData("cpu a b c d\n")]
    [InlineData("intr 1 2 3 4\n")]
    public void Other_text_is_not_taken_for_CPU_times(string text) => Assert.Null(CpuTimes.Parse(text));

    [Fact]
    public void Guest_time_is_not_counted_twice_and_stolen_time_is_not_free()
    {
        CpuTimes times = CpuTimes.Parse("cpu 10 0 5 80 3 0 0 2 9 9\ncpu0 0 0 0 0\n")!.Value.Times;

        Assert.Equal((17UL, 100UL), (times.Busy, times.Total));
    }

    [Fact]
    public void A_time_that_goes_back_counts_as_none()
    {
        CpuTimes before = new(100, 0, 100, 100, 50, 0, 0, 50), now = new(110, 0, 105, 190, 40, 0, 0, 49);

        Assert.Equal(new CpuTimes(10, 0, 5, 90, 0, 0, 0, 0), now.Since(before));
    }

    [Fact]
    public void Any_text_is_read_or_refused_without_an_error() =>
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char[" \ncpu0123456789"]), 0, 60].Sample(text =>
        {
            CpuTimes.Parse("cpu " + text);
            MemInfo.Parse(text);
            DiskStats.Parse(text);
            NetDev.Parse(text);
            LoadAverage.Parse(text);
            CgroupFiles.ParseCpuMax(text);
            CgroupFiles.ParseBytes(text);
            CgroupFiles.ParseStat(text, "usage_usec");
        });
}
