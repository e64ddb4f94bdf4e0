using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;

namespace Pipeline.Tests.Unit.Infra.Traces;

public sealed class FleetTraceTests : IDisposable
{
    private readonly TraceFolder folder = new();

    public FleetTraceTests() => folder
        .With("vms.csv", "vm,cores,mem_capacity_mb", "a,2,1024", "b,8,4096")
        .With("cpu_pct.csv.gz", "unix_time,a,b", "1375308000,12.5,", "1375308300,,114")
        .With("mem_pct.csv", "unix_time,a,b", "1375308000,50,25", "1375308300,0,")
        .With("net_rx_kbs.csv", "unix_time,a,b", "1375308000,1,2", "1375308300,3,4");

    [Fact]
    public void Values_become_shares_and_bytes_slot_by_slot()
    {
        FleetTrace trace = FleetTrace.Load(folder.Info);

        Assert.Equal(["a", "b"], trace.Vms);
        Assert.Equal([2f, 8f], trace.Cores);
        Assert.Equal([1UL << 30, 4UL << 30], trace.MemoryBytes);
        Assert.Equal((1375308000_000L, 300_000, 2), (trace.StartUnixMs, trace.SlotMs, trace.SlotCount));
        Assert.Equal(1375308300_000L, trace.SlotStartUnixMs(1));
        Assert.Equal([.125f, float.NaN, float.NaN, 1.14f], trace.Cpu);
        Assert.Equal([.5f, .25f, 0, float.NaN], trace.Memory!);
        Assert.Equal([1024f, 2048f, 3072f, 4096f], trace.NetworkReceive!);
        Assert.Equal(1.14f, trace.CpuAt(1, 1));
    }

    [Fact]
    public void Metrics_that_are_missing_are_null()
    {
        FleetTrace trace = FleetTrace.Load(folder.Info);

        Assert.Null(trace.DiskRead);
        Assert.Null(trace.NetworkTransmit);
    }

    [Fact]
    public void A_slice_holds_the_slots_and_the_VMs_that_were_asked_for()
    {
        FleetTrace slice = FleetTrace.Load(folder.Info).Slice(1, 1, [1, 0]);

        Assert.Equal(["b", "a"], slice.Vms);
        Assert.Equal([8f, 2f], slice.Cores);
        Assert.Equal((1375308300_000L, 1), (slice.StartUnixMs, slice.SlotCount));
        Assert.Equal([1.14f, float.NaN], slice.Cpu);
        Assert.Equal([float.NaN, 0], slice.Memory!);
        Assert.Equal([4096f, 3072f], slice.NetworkReceive!);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1375308299_999, 0)]
    [InlineData(1375308300_000, 1)]
    [InlineData(1375309999_000, 1)]
    public void A_time_falls_into_its_slot_or_the_nearest_one(long unixMs, int slot) => Assert.Equal(slot, FleetTrace.Load(folder.Info).SlotAt(unixMs));

    [Theory]
    [InlineData("cpu", "line 2, column 'b': 'many' is not a number", "unix_time,a,b", "0,1,many", "300,1,1")]
    [InlineData("cpu", "line 3, column 'a': 1001 is outside 0 to 1000", "unix_time,a,b", "0,1,1", "300,1001,1")]
    [InlineData("cpu", "line 2, column 'a': -1 is outside 0 to 1000", "unix_time,a,b", "0,-1,1", "300,1,1")]
    [InlineData("cpu", "line 2, column 'a': 'NaN' is not a number", "unix_time,a,b", "0,NaN,1", "300,1,1")]
    [InlineData("order", "column 2 is 'b', vms.csv has 'a' there; put the columns into the order of vms.csv", "unix_time,b,a", "0,1,1", "300,1,1")]
    [InlineData("count", "line 1: 1 VMs; vms.csv has 2", "unix_time,a", "0,1", "300,1")]
    [InlineData("first", "the first column is 'time'; it has to be unix_time", "time,a,b", "0,1,1")]
    [InlineData("fields", "line 3: 2 fields; the header has 3", "unix_time,a,b", "0,1,1", "300,1")]
    [InlineData("time", "line 3, column 'unix_time': 0 does not come after 0", "unix_time,a,b", "0,1,1", "0,1,1")]
    [InlineData("time", "line 4, column 'unix_time': 700 is not 300 s after the row before; write a slot without data as a row of empty fields", "unix_time,a,b", "0,1,1", "300,1,1", "700,1,1")]
    [InlineData("one", "has 1 rows; at least two are needed", "unix_time,a,b", "0,1,1")]
    [InlineData("empty", "has 0 rows; at least two are needed", "unix_time,a,b")]
    public void A_wrong_cpu_file_is_refused_with_line_and_column(string what, string message, params string[] lines)
    {
        _ = what;
        folder.With("cpu_pct.csv.gz", lines);

        UserException error = Assert.Throws<UserException>(() => FleetTrace.Load(folder.Info));

        Assert.Contains("cpu_pct.csv.gz", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_of_other_slots_is_refused()
    {
        folder.With("mem_pct.csv", "unix_time,a,b", "1375308000,50,25", "1375308600,0,");

        UserException error = Assert.Throws<UserException>(() => FleetTrace.Load(folder.Info));

        Assert.EndsWith("mem_pct.csv, line 3, column 'unix_time': 1375308600 is not the time of this row in cpu_pct; every metric needs the same slots", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_that_ends_early_is_refused()
    {
        folder.With("mem_pct.csv", "unix_time,a,b", "1375308000,50,25");

        Assert.Contains("has 1 rows, cpu_pct has 2", Assert.Throws<UserException>(() => FleetTrace.Load(folder.Info)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_that_is_named_twice_is_refused()
    {
        folder.With("vms.csv", "vm,cores,mem_capacity_mb", "a,2,1024", "a,8,4096");

        Assert.Contains("vms.csv, line 3, column 'vm': 'a' was there before", Assert.Throws<UserException>(() => FleetTrace.Load(folder.Info)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_refused_in_words()
    {
        File.WriteAllBytes(Path.Combine(folder.Info.FullName, "cpu_pct.csv.gz"), [1, 2, 3, 4]);

        Assert.Contains("cpu_pct.csv.gz, after line 0: cannot be read", Assert.Throws<UserException>(() => FleetTrace.Load(folder.Info)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_trace_is_refused()
    {
        using TraceFolder other = new();

        Assert.Contains("has neither vms.csv nor vms.csv.gz", Assert.Throws<UserException>(() => FleetTrace.Load(other.Info)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_committed_fleet_has_ten_days_of_116_VMs()
    {
        FleetTrace trace = FleetTrace.Load(new DirectoryInfo(Path.Combine(Repository.Root, "ingest", "traces", "google-2011-jobs")));

        Assert.Equal(116, trace.Vms.Count);
        Assert.Equal(2880, trace.SlotCount);
        Assert.Equal(DateTimeOffset.Parse("2011-05-02T00:00:00Z", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), trace.StartUnixMs);
        Assert.Equal(328_608, trace.Cpu.Count(float.IsFinite));
        Assert.Equal(328_608, trace.Memory!.Count(float.IsFinite));
        Assert.Equal(.2249f, trace.Cpu[0]);
        Assert.InRange(trace.Cpu.Where(float.IsFinite).Average(), .05, .9);
    }

    [TraceDataFact("bitbrains-rnd-2013-08")]
    public void A_month_of_496_VMs_is_read_whole()
    {
        FleetTrace trace = FleetTrace.Load(TraceDataFactAttribute.Folder("bitbrains-rnd-2013-08"));

        Assert.Equal((496, 8640), (trace.Vms.Count, trace.SlotCount));
        Assert.Equal(.1277f, trace.Cpu[0]);
        Assert.Equal(.07, trace.Cpu.Where(float.IsFinite).Average(v => (double)v), .001);
        Assert.All([trace.Memory, trace.DiskRead, trace.DiskWrite, trace.NetworkReceive, trace.NetworkTransmit], Assert.NotNull);
    }

    public void Dispose() => folder.Dispose();
}
