using Pipeline.Ingest.Agent.Proc;

namespace Pipeline.Tests.Unit.Ingest.Agent.Proc;

public sealed class MemInfoTests
{
    [Fact]
    public void Total_and_available_memory_are_read() =>
        Assert.Equal(
            new MemInfo(24684092UL * 1024, 22545960UL * 1024),
            MemInfo.Parse("MemTotal:       24684092 kB\nMemFree:        20832960 kB\nMemAvailable:   22545960 kB\nBuffers:           12092 kB\nCached:          1913668 kB\nHugePages_Total:       0\n"));

    [Fact]
    public void Where_the_kernel_does_not_say_what_is_available_free_memory_and_caches_are() =>
        Assert.Equal(
            new MemInfo(1000 * 1024, 600 * 1024),
            MemInfo.Parse("MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 200 kB\nCached: 300 kB\nSwapCached: 7 kB\n"));

    [Fact]
    public void Available_memory_never_exceeds_the_total() => Assert.Equal(new MemInfo(1024, 1024), MemInfo.Parse("MemTotal: 1 kB\nMemAvailable: 5 kB\n"));

    [Theory]
    [InlineData("")]
    [InlineData("MemTotal: 1000 kB\n")]
    [InlineData("MemTotal: 0 kB\nMemAvailable: 0 kB\n")]
    [InlineData("MemAvailable: 1000 kB\n")]
    public void A_text_that_does_not_tell_both_is_refused(string text) => Assert.Null(MemInfo.Parse(text));
}
