using Pipeline.Ingest.Agent;
using Pipeline.Ingest.Agent.Proc;

namespace Pipeline.Tests.Unit.Ingest.Agent;

public sealed class IntervalMeterTests
{
    private const ulong GiB = 1UL << 30;

    [Fact]
    public void The_mean_is_over_the_interval_and_the_peak_of_its_busiest_sample()
    {
        // 4 cores: 400 ticks a second.
        IntervalMeter meter = new(At(0, busy: 0, idle: 0));
        meter.Add(At(1, busy: 40, idle: 360));
        meter.Add(At(2, busy: 400, idle: 400));
        meter.Add(At(3, busy: 400, idle: 800));
        Measurement m = meter.Take();

        Assert.Equal(TimeSpan.FromSeconds(3), m.Length);
        Assert.Equal(4, m.Cores);
        Assert.Equal(1 / 3f, m.Own.CpuUtilization);
        Assert.Equal(.9f, m.Own.CpuUtilizationPeak);
        Assert.Null(m.Functions);
    }

    [Fact]
    public void The_next_interval_begins_where_the_last_ended()
    {
        IntervalMeter meter = new(At(0, busy: 0, idle: 0));
        meter.Add(At(1, busy: 400, idle: 0));
        meter.Take();
        meter.Add(At(2, busy: 500, idle: 300));

        Measurement m = meter.Take();

        Assert.Equal(TimeSpan.FromSeconds(1), m.Length);
        Assert.Equal((.25f, .25f), (m.Own.CpuUtilization, m.Own.CpuUtilizationPeak));
    }

    [Fact]
    public void Stolen_time_is_used_and_waiting_time_is_not()
    {
        IntervalMeter meter = new(At(0, busy: 0, idle: 0));
        meter.Add(At(1, busy: 0, idle: 0) with { Cpu = new CpuTimes(40, 0, 0, 200, 80, 0, 0, 80) });

        Measurement m = meter.Take();

        Assert.Equal((.3f, .2f, .2f), (m.Own.CpuUtilization, m.Own.CpuSteal, m.Own.CpuIowait));
    }

    [Fact]
    public void What_functions_use_is_reported_apart_from_the_VMs_own_load()
    {
        IntervalMeter meter = new(At(0, busy: 0, idle: 0) with { Functions = new CgroupUse(5_000_000, 0) });
        meter.Add(At(2, busy: 600, idle: 200, used: 8) with { Functions = new CgroupUse(9_000_000, 3 * GiB) });
        meter.Add(At(4, busy: 1200, idle: 400, used: 10) with { Functions = new CgroupUse(13_000_000, 5 * GiB) });

        Measurement m = meter.Take();

        // 8 CPU seconds of 16, 12 in all.
        Assert.Equal((.5f, 4 * GiB), (m.Functions!.CpuUtilization, m.Functions.MemoryBytes));
        Assert.Equal((.25f, .25f), (m.Own.CpuUtilization, m.Own.CpuUtilizationPeak));
        Assert.Equal(5 / 16f, m.Own.MemoryUtilization);
    }

    [Fact]
    public void Own_load_is_never_below_none_when_counters_disagree_by_a_tick()
    {
        IntervalMeter meter = new(At(0, busy: 0, idle: 0) with { Functions = new CgroupUse(0, 0) });
        meter.Add(At(1, busy: 100, idle: 300) with { Functions = new CgroupUse(1_010_000, 0) });

        Assert.Equal(0, meter.Take().Own.CpuUtilization);
    }

    [Fact]
    public void A_functions_cgroup_that_was_made_anew_counts_from_none()
    {
        IntervalMeter meter = new(At(0, busy: 0, idle: 0) with { Functions = new CgroupUse(900_000_000, 0) });
        meter.Add(At(1, busy: 400, idle: 0) with { Functions = new CgroupUse(2_000_000, 0) });

        Assert.Equal(.5f, meter.Take().Functions!.CpuUtilization);
    }

    [Fact]
    public void A_container_is_measured_against_its_own_limits()
    {
        Sample Container(double second, ulong usec, ulong memory) => At(second, busy: (ulong)(second * 400), idle: 0) with
        {
            Container = new CgroupUse(usec, memory),
            ContainerCores = 2,
            ContainerMemoryBytes = 4 * GiB,
        };
        IntervalMeter meter = new(Container(0, 0, GiB));
        meter.Add(Container(10, 5_000_000, GiB));

        Measurement m = meter.Take();

        Assert.Equal((2.0, 4 * GiB), (m.Cores, m.MemoryBytes));
        Assert.Equal((.25f, .25f), (m.Own.CpuUtilization, m.Own.MemoryUtilization));
    }

    [Fact]
    public void Disk_and_network_are_rates_over_the_interval()
    {
        IntervalMeter meter = new(At(0, busy: 0, idle: 0) with { Disks = Device("vda", 1000, 0), Networks = Device("eth0", 0, 5000) });
        meter.Add(At(5, busy: 0, idle: 2000) with { Disks = Device("vda", 9999, 1), Networks = Device("eth0", 1, 5001) });
        meter.Add(At(10, busy: 0, idle: 4000) with { Disks = Device("vda", 21_000, 500), Networks = Device("eth0", 300, 5100) });

        Measurement m = meter.Take();

        Assert.Equal((2000f, 50f), (m.Own.DiskRead, m.Own.DiskWrite));
        Assert.Equal((30f, 10f), (m.Own.NetworkReceive, m.Own.NetworkTransmit));
    }

    [Fact]
    public void What_the_machine_does_not_tell_is_absent_and_not_zero()
    {
        IntervalMeter meter = new(At(0, busy: 0, idle: 0) with { Memory = null, Load = null });
        meter.Add(At(1, busy: 0, idle: 0) with { Memory = null, Load = null });

        Measurement m = meter.Take();

        Assert.False(m.Own.HasCpuUtilization || m.Own.HasCpuUtilizationPeak || m.Own.HasMemoryUtilization || m.Own.HasDiskRead || m.Own.HasNetworkReceive || m.Own.HasLoad1M);
        Assert.Equal(0UL, m.MemoryBytes);
    }

    [Fact]
    public void A_day_of_suspension_makes_no_spike()
    {
        // Neither ticks nor the monotonic clock go on while the machine sleeps.
        IntervalMeter meter = new(At(0, busy: 0, idle: 0) with { Networks = Device("eth0", 0, 0) });
        meter.Add(At(10, busy: 400, idle: 3600) with { Networks = Device("eth0", 1000, 0) });

        Measurement m = meter.Take();

        Assert.Equal((.1f, 100f), (m.Own.CpuUtilization, m.Own.NetworkReceive));
    }

    [Fact]
    public void An_interval_without_a_sample_is_refused() => Assert.Throws<InvalidOperationException>(() => new IntervalMeter(At(0, 0, 0)).Take());

    /// <summary>4 cores, 16 GiB of which <paramref name="used"/> are used, load 1.5.</summary>
    private static Sample At(double second, ulong busy, ulong idle, ulong used = 4) => new()
    {
        At = TimeSpan.FromSeconds(second),
        Cpu = new CpuTimes(busy, 0, 0, idle, 0, 0, 0, 0),
        Cpus = 4,
        Memory = new MemInfo(16 * GiB, (16 - used) * GiB),
        Load = new LoadAverage(1.5, 1, .5),
    };

    private static Dictionary<string, DeviceCounters> Device(string name, ulong bytesIn, ulong bytesOut) => new() { [name] = new(new(bytesIn, bytesOut), new(bytesIn / 10, bytesOut / 10)) };
}
