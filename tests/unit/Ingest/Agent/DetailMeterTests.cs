using Pipeline.Ingest.Agent;
using Pipeline.Ingest.Agent.Proc;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Tests.Unit.Ingest.Agent;

public sealed class DetailMeterTests
{
    [Fact]
    public void Modes_are_shares_of_all_cores_and_the_core_peak_is_that_of_one_core_in_one_sample()
    {
        MachineDetail m = Measure(
            At(0) with { Cpu = default, CoreTimes = Cores(default, default) },
            At(1) with { Cpu = Times(user: 100, idle: 100), CoreTimes = Cores(Times(user: 90, idle: 10), Times(user: 10, idle: 90)) },
            At(2) with { Cpu = new CpuTimes(120, 40, 60, 160, 0, 8, 12, 0), CoreTimes = Cores(Times(user: 100, idle: 100), Times(user: 20, idle: 180)) });

        Assert.Equal((.3f, .1f, .15f, .05f), (m.CpuUser, m.CpuNice, m.CpuSystem, m.CpuInterrupt));
        Assert.Equal(.9f, m.CorePeak);
    }

    [Fact]
    public void A_core_that_comes_on_line_makes_no_peak()
    {
        MachineDetail m = Measure(
            At(0) with { CoreTimes = new Dictionary<int, CpuTimes> { [0] = Times(user: 10, idle: 90) } },
            At(1) with { CoreTimes = Cores(Times(user: 20, idle: 180), Times(user: 5000, idle: 0)) });

        Assert.Equal(.1f, m.CorePeak);
    }

    [Fact]
    public void Pressure_throttling_paging_and_scheduling_are_rates_over_the_interval()
    {
        MachineDetail m = Measure(
            At(0) with { CpuPressure = new(100, 0), MemoryPressure = new(0, 0), IoPressure = new(0, 0), Throttle = new(10, 2, 0), Paging = new(0, 0, 5), Activity = new(1000, 50, 1, 0) },
            At(4) with { CpuPressure = new(2_000_100, 0), MemoryPressure = new(400_000, 40_000), IoPressure = new(9_000_000, null), Throttle = new(50, 12, 2_000_000), Paging = new(4, 8, 25), Activity = new(5000, 54, 3, 2), Processes = 77 });

        Assert.Equal((.5f, .1f, .01f, 1f), (m.PressureCpuSome, m.PressureMemorySome, m.PressureMemoryFull, m.PressureIoSome));
        Assert.False(m.HasPressureIoFull);
        Assert.Equal((.25f, .5f), (m.CpuThrottledPeriods, m.CpuThrottledTime));
        Assert.Equal((Environment.SystemPageSize, 2f * Environment.SystemPageSize, 5f), (m.SwapIn, m.SwapOut, m.MajorFaults));
        Assert.Equal((1000f, 1f, 3f, 2f, 77u), (m.ContextSwitches, m.ProcessesCreated, m.ProcessesRunning, m.ProcessesBlocked, m.Processes));
    }

    [Fact]
    public void Counters_that_were_reset_make_no_spike()
    {
        MachineDetail m = Measure(
            At(0) with { CpuPressure = new(900_000_000, null), Paging = new(1_000_000_000_000, 0, 9), Activity = new(ulong.MaxValue, 9, 1, 0) },
            At(10) with { CpuPressure = new(1_000_000, null), Paging = new(10, 0, 1), Activity = new(100, 1, 1, 0) });

        Assert.Equal((.1f, Environment.SystemPageSize, .1f, 10f), (m.PressureCpuSome, m.SwapIn, m.MajorFaults, m.ContextSwitches));
    }

    [Fact]
    public void Swap_in_use_is_a_share_and_absent_where_there_is_no_swap()
    {
        MachineDetail with = Measure(At(0), At(1) with { Memory = new MemInfo(100, 50) { SwapBytes = 1000, SwapFreeBytes = 250 } });
        MachineDetail without = Measure(At(0), At(1) with { Memory = new MemInfo(100, 50) });

        Assert.Equal((1000UL, .75f), (with.SwapBytes, with.SwapUtilization));
        Assert.Equal((0UL, false), (without.SwapBytes, without.HasSwapUtilization));
    }

    [Fact]
    public void What_this_kernel_does_not_tell_is_absent()
    {
        MachineDetail m = Measure(At(0), At(1));

        Assert.Equal(new MachineDetail(), m);
    }

    [Theory]
    [InlineData("some avg10=42.65 avg60=42.95 avg300=51.82 total=673592811\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=17\n", 673592811UL, 17UL)]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n", 5UL, null)]
    [InlineData("", null, null)]
    [InlineData("full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n", null, null)]
    [InlineData("some total=x\n", null, null)]
    public void A_pressure_file_is_read(string text, ulong? some, ulong? full) => Assert.Equal((some, full), (Pressure.Parse(text)?.Some, Pressure.Parse(text)?.Full));

    [Fact]
    public void The_other_kernel_files_are_read()
    {
        Assert.Equal(new Paging(3, 4, 9), Paging.Parse("pgpgin 1\npswpin 3\npswpout 4\npgfault 8\npgmajfault 9\n"));
        Assert.Null(Paging.Parse("pswpin 3\n"));
        Assert.Equal(new CpuThrottle(7, 2, 900), CpuThrottle.Parse("usage_usec 1\nnr_periods 7\nnr_throttled 2\nthrottled_usec 900\n"));
        Assert.Null(CpuThrottle.Parse("usage_usec 1\n"));
        Assert.Equal(new Activity(5467890, 12345, 3, 0), Activity.Parse("cpu 1 2 3 4\nctxt 5467890\nprocesses 12345\nprocs_running 3\nprocs_blocked 0\n"));
        Assert.Equal(new LoadAverage(.5, .25, 1), LoadAverage.Parse("0.50 0.25 1.00 1/200 99\n"));
        Assert.Null(LoadAverage.Parse("0.50\n"));
    }

    [Fact]
    public void What_the_meter_makes_is_within_the_bounds() =>
        Assert.Null(MachineValidator.Check(Measure(
            At(0) with { CpuPressure = new(0, 0), Throttle = new(0, 0, 0), Cpu = Times(user: 0, idle: 0) },
            At(1) with { CpuPressure = new(5_000_000, 0), Throttle = new(1, 5, 9), Cpu = Times(user: 9, idle: 1) })));

    [Fact]
    public void Shares_above_one_and_numbers_that_are_none_are_refused()
    {
        Assert.Equal("machine.core_peak is 1.5; 0 to 1 is allowed", MachineValidator.Check(new MachineDetail { CorePeak = 1.5f }));
        Assert.StartsWith("machine.swap_in is NaN", MachineValidator.Check(new MachineDetail { SwapIn = float.NaN }), StringComparison.Ordinal);
        Assert.StartsWith("machine.context_switches is -1", MachineValidator.Check(new MachineDetail { ContextSwitches = -1 }), StringComparison.Ordinal);
    }

    private static MachineDetail Measure(params Sample[] samples)
    {
        DetailMeter meter = new();
        for (int i = 1; i < samples.Length; i++) meter.Add(samples[i - 1], samples[i]);
        return meter.Take(samples[0], samples[^1], (samples[^1].At - samples[0].At).TotalSeconds);
    }

    private static Sample At(double second) => new() { At = TimeSpan.FromSeconds(second), Cpu = default, Cpus = 2 };

    private static CpuTimes Times(ulong user, ulong idle) => new(user, 0, 0, idle, 0, 0, 0, 0);

    private static Dictionary<int, CpuTimes> Cores(CpuTimes first, CpuTimes second) => new() { [0] = first, [1] = second };
}
