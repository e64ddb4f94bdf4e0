using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.CommandLine;
using Pipeline.Ingest.Agent;
using Pipeline.Ingest.Agent.Cadence;
using Pipeline.Ingest.Agent.Proc;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Tests.Unit.Ingest.Agent;

public sealed class MachineAgentTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider time = new(Start);
    private ulong ticks = 100;
    private readonly FakeMachine machine = new FakeMachine()
        .With("proc/stat", "cpu 100 0 0 900 0 0 0 0 0 0\ncpu0 50 0 0 450\ncpu1 50 0 0 450\n")
        .With("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 250 kB\n")
        .With("proc/loadavg", "0.50 0.40 0.30 1/200 999\n")
        .With("proc/diskstats", " 8 0 sda 1 1 100 1 1 1 200 1 0 1 1\n")
        .With("proc/net/dev", "eth0: 1000 1 0 0 0 0 0 0 2000 1 0 0 0 0 0 0\n");

    [Fact]
    public void A_sample_holds_what_all_files_say()
    {
        machine.With("cgroup/functions.slice/cpu.stat", "usage_usec 123\nuser_usec 100\n").With("cgroup/functions.slice/memory.current", "5000\n").With("cgroup/functions.slice/memory.stat", "anon 1\ninactive_file 1000\n");

        Sample sample = Reader(functions: "functions.slice").Read();

        Assert.Equal((new CpuTimes(100, 0, 0, 900, 0, 0, 0, 0), 2), (sample.Cpu, sample.Cpus));
        Assert.Equal(new MemInfo(1000 * 1024, 250 * 1024), sample.Memory);
        Assert.Equal(new LoadAverage(.5, .4, .3), sample.Load);
        Assert.Equal(new Transferred(51_200, 102_400), sample.Disks!["sda"].Bytes);
        Assert.Equal(new Transferred(1000, 2000), sample.Networks!["eth0"].Bytes);
        Assert.Equal(new CgroupUse(123, 4000), sample.Functions);
        Assert.Null(sample.ContainerCores);
    }

    [Fact]
    public void Limits_at_the_root_of_the_cgroups_are_a_containers()
    {
        machine.With("cgroup/cpu.max", "50000 100000\n").With("cgroup/memory.max", "4096\n").With("cgroup/cpu.stat", "usage_usec 7\n").With("cgroup/memory.current", "1024\n");

        Sample sample = Reader().Read();

        Assert.Equal((.5, 4096UL, 1024UL), (sample.Cores, sample.MemoryBytes, sample.MemoryUsed));
        Assert.Equal(new CgroupUse(7, 1024), sample.Container);
    }

    [Fact]
    public void A_container_without_a_limit_is_as_large_as_the_machine()
    {
        machine.With("cgroup/cpu.max", "max 100000\n").With("cgroup/memory.max", "max\n").With("cgroup/memory.current", "1024\n");

        Sample sample = Reader().Read();

        Assert.Equal((2.0, 1000UL * 1024, 750UL * 1024), (sample.Cores, sample.MemoryBytes, sample.MemoryUsed));
    }

    [Fact]
    public void A_functions_cgroup_that_is_not_there_yet_has_used_nothing() => Assert.Equal(new CgroupUse(0, 0), Reader(functions: "later.slice").Read().Functions);

    [Fact]
    public void A_missing_file_is_logged_once_and_its_values_are_left_out()
    {
        File.Delete(Path.Combine(machine.Proc, "diskstats"));
        using RecordedLog log = new();
        MachineReader reader = new(Options(), log, time);

        Assert.Null(reader.Read().Disks);
        Assert.Null(reader.Read().Disks);
        Assert.Single(log.Messages, m => m.Contains("diskstats cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_CPU_times_there_is_no_agent()
    {
        machine.With("proc/stat", "");

        Assert.Contains("stat has no CPU times: the agent needs Linux with /proc mounted", Assert.Throws<UserException>(() => Reader().Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_carry_the_end_of_their_interval_and_are_valid()
    {
        MachineAgent agent = new(Options(), Reader(), time);
        await using IAsyncEnumerator<VmReport> reports = agent.ReportsAsync(CancellationToken.None).GetAsyncEnumerator();

        VmReport first = await NextAsync(reports);
        machine.With("proc/stat", "cpu 1100 0 0 900 0 0 0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n");
        VmReport second = await NextAsync(reports);

        Assert.Equal(("vm-1", "cell-7", 2f), (first.Vm, first.Cell, first.Cores));
        Assert.InRange(first.TimeUnixMs, Start.AddSeconds(10).ToUnixTimeMilliseconds(), time.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.True(first.IntervalMs >= 10_000);
        Assert.Equal(second.TimeUnixMs - first.TimeUnixMs, second.IntervalMs);
        Assert.Equal((false, 1f), (first.Own.HasCpuUtilization, second.Own.CpuUtilization));
        Assert.All([first, second], r => Assert.Null(MachineValidator.Check(MachineDetail.Parser.ParseFrom(r.Machine))));
        Assert.All([first, second], r => Assert.Null(Topics.VmMetrics.Validate(new VmReports { Reports = { r } }, new RecordContext("cell-7", r.TimeUnixMs))));
    }

    [Fact]
    public async Task A_steady_machine_is_reported_less_often_and_a_change_at_once_apart_from_what_was_held()
    {
        AgentOptions options = Options() with { Cadence = new CadenceOptions { PartsMax = 4 } };
        CloseWatch close = new(time);
        MachineAgent agent = new(options, new MachineReader(options, NullLoggerFactory.Instance, time), time, close);
        await using IAsyncEnumerator<VmReport> reports = agent.ReportsAsync(CancellationToken.None).GetAsyncEnumerator();
        int second = 0, busy = 10;
        List<VmReport> all = [];
        for (int i = 0; i < 4; i++) all.Add(await NextAsync(reports, Grow));
        Assert.Equal([10u, 10u, 20u, 40u], all.Select(r => (r.IntervalMs + 500) / 1000 / 10 * 10));
        busy = 90;
        all.Add(await NextAsync(reports, Grow));
        Assert.Equal(.9f, all[^1].Own.CpuUtilization, .05f);
        Assert.InRange(all[^1].IntervalMs, 10_000u, 11_000u);
        Assert.Equal((10_000u, 40_000u), (AgentState.Parser.ParseFrom(all[^1].Agent).IntervalMinMs, AgentState.Parser.ParseFrom(all[^1].Agent).IntervalMaxMs));
        close.Until(time.GetUtcNow().AddMinutes(10).ToUnixTimeMilliseconds());
        for (int i = 0; i < 4; i++) Assert.InRange((await NextAsync(reports, Grow)).IntervalMs, 10_000u, 11_000u);
        Assert.All(all.Zip(all.Skip(1)), pair => Assert.Equal(pair.Second.TimeUnixMs - pair.First.TimeUnixMs, pair.Second.IntervalMs));

        void Grow()
        {
            // 2 CPUs: 200 ticks a second, of which so many are busy.
            second++;
            ticks += (ulong)(2 * busy);
            machine.With("proc/stat", $"cpu {ticks} 0 0 {(ulong)(1000 + (200 * second)) - ticks} 0 0 0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n");
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(10, 10)]
    [InlineData(60, 12)]
    [InlineData(300, 60)]
    public void An_interval_has_about_ten_samples_within_their_limits(double seconds, int samples) =>
        Assert.Equal(samples, (Options() with { Interval = TimeSpan.FromSeconds(seconds) }).Samples);

    public void Dispose() => machine.Dispose();

    private AgentOptions Options(string? functions = null) => new()
    {
        Vm = "vm-1",
        Cell = "cell-7",
        ProcRoot = machine.Proc,
        CgroupRoot = machine.Cgroup,
        FunctionsCgroup = functions,
    };

    private MachineReader Reader(string? functions = null) => new(Options(functions), NullLoggerFactory.Instance, time);

    /// <summary>Lets time pass until the next report is there, and not on while the agent is at work: what a tick of the clock sets off runs at once.</summary>
    private async Task<VmReport> NextAsync(IAsyncEnumerator<VmReport> reports, Action? beforeTick = null)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        ValueTask<bool> next;
        try
        {
            SynchronizationContext.SetSynchronizationContext(new AtOnce());
            next = reports.MoveNextAsync();
            while (!next.IsCompleted)
            {
                beforeTick?.Invoke();
                time.Advance(TimeSpan.FromSeconds(1));
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
        Assert.True(await next);
        return reports.Current;
    }

    private sealed class AtOnce : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }
}
