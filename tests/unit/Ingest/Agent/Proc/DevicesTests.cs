using Pipeline.Ingest.Agent.Proc;

namespace Pipeline.Tests.Unit.Ingest.Agent.Proc;

public sealed class DevicesTests
{
    [Fact]
    public void Whole_disks_are_read_in_bytes_of_512_a_sector()
    {
        Dictionary<string, DeviceCounters> disks = DiskStats.Parse(" 254       0 vda 175808 22664 25197394 154315 59297 31332 62214728 151550 0 53176 312854 18189 77 1401528 6165 5964 823\n");

        Assert.Equal(new DeviceCounters(new Transferred(25197394UL * 512, 62214728UL * 512), new Transferred(175808, 59297)), Assert.Single(disks).Value);
    }

    [Fact]
    public void Partitions_and_devices_made_of_others_are_left_out()
    {
        string[] names = ["sda", "sda1", "sda15", "sdaa", "nvme0n1", "nvme0n1p1", "nvme0n1p12", "mmcblk0", "mmcblk0p2", "loop0", "ram3", "zram0", "dm-0", "md127", "sr0", "fd0", "vdb"];

        Assert.Equal(["mmcblk0", "nvme0n1", "sda", "sdaa", "vdb"], DiskStats.Parse(Lines(names)).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_partition_whose_disk_is_not_shown_stands_for_it() =>
        Assert.Equal(["xvda1"], DiskStats.Parse(Lines("xvda1")).Keys);

    [Fact]
    public void A_line_of_an_old_kernel_with_four_fields_is_left_out() => Assert.Empty(DiskStats.Parse("   3    1 hda1 35486 38030 38030 38030\n"));

    [Fact]
    public void Interfaces_are_read_without_loopback_and_what_passes_through_others()
    {
        const string Text = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 4502337    8870    0    0    0     0          0         0  4502337    8870    0    0    0     0       0          0
              ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
              eth0: 1162327193   24994    5    1    0     0          0         0  1330271   16948    7    2    0     0       0          0
            eth1:77 1 0 0 0 0 0 0 88 1 0 0 0 0 0 0
            eth1.100: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0
            eth1:0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0
            veth12ab: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0
            docker0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0
            bond0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0
            """;

        Dictionary<string, DeviceCounters> interfaces = NetDev.Parse(Text);

        Assert.Equal(["eth0", "eth1"], interfaces.Keys);
        Assert.Equal(new DeviceCounters(new Transferred(1162327193, 1330271), new Transferred(24994, 16948), 3, 12), interfaces["eth0"]);
        Assert.Equal(new Transferred(77, 88), interfaces["eth1"].Bytes);
    }

    [Theory]
    [InlineData(100, 150, 50)]
    [InlineData(4_294_967_000, 4, 300)]
    [InlineData(100, 40, 40)]
    [InlineData(8_000_000_000, 40, 40)]
    [InlineData(0, 0, 0)]
    public void A_counter_that_goes_back_has_wrapped_or_was_reset(ulong before, ulong now, ulong grown) => Assert.Equal(grown, Transferred.Grown(before, now));

    [Fact]
    public void A_device_that_comes_counts_whole_and_one_that_goes_does_not_make_the_sum_fall()
    {
        Dictionary<string, DeviceCounters> before = new() { ["a"] = Device(100, 10), ["b"] = Device(1000, 1000) }, now = new() { ["a"] = Device(130, 20), ["c"] = Device(7, 8) };

        DeviceGrowth grown = DeviceCounters.Between(before, now);

        Assert.Equal((37.0, 18.0, 18.0, 37.0), (grown.BytesIn, grown.BytesOut, grown.OperationsIn, grown.OperationsOut));

        static DeviceCounters Device(ulong one, ulong other) => new(new(one, other), new(other, one));
    }

    private static string Lines(params string[] names) => string.Concat(names.Select(n => $"   8       0 {n} 1 2 3 4 5 6 7 8 9 10 11\n"));
}
