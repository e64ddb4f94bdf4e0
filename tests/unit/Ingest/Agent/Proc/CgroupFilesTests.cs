using Pipeline.Ingest.Agent.Proc;

namespace Pipeline.Tests.Unit.Ingest.Agent.Proc;

public sealed class CgroupFilesTests
{
    [Theory]
    [InlineData("200000 100000\n", 2.0)]
    [InlineData("50000 100000\n", .5)]
    [InlineData("max 100000\n", null)]
    [InlineData("", null)]
    [InlineData("5 0", null)]
    public void A_CPU_limit_is_quota_by_period(string text, double? cores) => Assert.Equal(cores, CgroupFiles.ParseCpuMax(text));

    [Theory]
    [InlineData("1073741824\n", 1UL << 30)]
    [InlineData("max\n", null)]
    [InlineData("-1", null)]
    public void A_memory_limit_is_bytes_or_none(string text, ulong? bytes) => Assert.Equal(bytes, CgroupFiles.ParseBytes(text));

    [Fact]
    public void A_statistic_is_found_by_its_whole_name()
    {
        const string Text = "inactive_anon 5\nworkingset_inactive_file 9\ninactive_file 4096\n";

        Assert.Equal(4096UL, CgroupFiles.ParseStat(Text, "inactive_file"));
        Assert.Null(CgroupFiles.ParseStat(Text, "usage_usec"));
    }

    [Theory]
    [InlineData("13.02 9.69 6.25 8/227 2276\n", 13.02)]
    [InlineData("", null)]
    [InlineData("busy", null)]
    public void The_load_of_a_minute_is_the_first_field(string text, double? load) => Assert.Equal(load, LoadAverage.Parse(text)?.Load1m);
}
