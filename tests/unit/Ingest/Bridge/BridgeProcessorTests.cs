using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Ingest.Bridge;

public sealed class BridgeProcessorTests
{
    private const long Start = 1_795_415_058_000;

    private readonly RecordedOutput output = new();
    private readonly BridgeProcessor processor = new(new BridgeOptions());
    private long offset;

    [Fact]
    public void Records_of_one_time_are_one_report_and_counters_become_shares_and_rates()
    {
        for (int i = 0; i < 3; i++)
        {
            Send(i, $"cpu,cpu=cpu-total,host=a time_idle={100 + (i * 15)},time_user={50 + (i * 4)},time_iowait={i},time_guest={i * 4},time_active={50 + (i * 5)} {Time(i)}");
            Send(i, $"system,host=a n_cpus=4i,load1=.5 {Time(i)}\nmem,host=a total=8000i,available=6000i {Time(i)}");
            Send(i, $"diskio,host=a,name=vda read_bytes={i * 2000}i,write_bytes=0i {Time(i)}\ndiskio,host=a,name=vda1 read_bytes={i * 1000}i {Time(i)}");
            Send(i, $"net,host=a,interface=eth0 bytes_recv={i * 500}i {Time(i)}\nnet,host=a,interface=lo bytes_recv={i * 9000}i {Time(i)}");
        }
        VmReport report = Assert.Single(Reports());
        Assert.Equal(("a", "cell-0", Start + 10_000, 10_000u, 0ul, 4f, 8000ul), (report.Vm, report.Cell, report.TimeUnixMs, report.IntervalMs, report.Sequence, report.Cores, report.MemoryBytes));
        Assert.Equal(.2f, report.Own.CpuUtilization, 5);
        Assert.Equal(.05f, report.Own.CpuIowait, 5);
        Assert.Equal(.25f, report.Own.MemoryUtilization, 5);
        Assert.Equal((200f, 0f, 50f, .5f), (report.Own.DiskRead, report.Own.DiskWrite, report.Own.NetworkReceive, report.Own.Load1M));
    }

    [Fact]
    public void A_counter_that_was_reset_gives_no_utilisation_for_that_interval()
    {
        foreach ((int i, int idle) in new[] { 100, 110, 5, 15, 25 }.Index())
            Send(i, $"cpu,cpu=cpu0,host=a time_idle={idle},time_user=0 {Time(i)}\nmem,host=a total=8000i,available=6000i {Time(i)}");
        Assert.Equal([true, false, true], Reports().Select(r => r.Own.HasCpuUtilization));
    }

    [Fact]
    public void A_machine_that_falls_silent_has_its_last_report_by_the_records_time()
    {
        Send(0, Gauges("a", 0));
        Send(1, Gauges("a", 1));
        Assert.Empty(Reports());
        Send(2, Gauges("b", 2));
        Assert.Equal("a", Assert.Single(Reports()).Vm);
    }

    [Fact]
    public void What_cannot_be_read_is_put_aside_and_what_has_no_host_is_passed_over()
    {
        Send(0, "nonsense");
        Send(0, $"cpu,cpu=cpu0 usage_idle=1 {Time(0)}");
        Assert.Equal(0, Assert.Single(output.DeadLetters).Offset);
        Send(1, $"cpu,cpu=cpu0 usage_idle=1 {Time(1)}", "vm-by-key");
        Send(2, $"cpu,cpu=cpu0 usage_idle=1 {Time(2)}", "vm-by-key");
        Send(3, $"cpu,cpu=cpu0 usage_idle=1 {Time(3)}", "vm-by-key");
        Assert.Equal("vm-by-key", Assert.Single(Reports()).Vm);
    }

    [Fact]
    public void A_bridge_that_is_started_anew_at_any_record_goes_on_with_the_same_reports()
    {
        List<StreamRecord> records = [];
        Random random = new(5);
        for (int i = 0; i < 40; i++)
            foreach (string host in new[] { "a", "b", "c" })
            {
                if (random.Next(5) == 0) continue;
                records.Add(Record(records.Count, i, Gauges(host, i), ""));
                records.Add(Record(records.Count, i, $"diskio,host={host},name=vda read_bytes={random.Next(1000) + (i * 1000)}i {Time(i)}", ""));
            }
        TopicSpec<BridgeProgress> progress = Topics.BridgeProgressOf(BridgeCommand.SourceOf("telegraf"));
        RecordedOutput whole = new();
        int[] before = new int[records.Count + 1];
        int[] told = new int[records.Count + 1];
        BridgeProcessor first = new(new BridgeOptions(), progress);
        for (int i = 0; i < records.Count; i++)
        {
            first.Process(records[i], whole);
            before[i + 1] = Reports(whole).Length;
            told[i + 1] = whole.Values(progress).Count();
        }
        Assert.True(before[^1] > 50);
        long replayed = 0;
        for (int cut = 0; cut < records.Count; cut++)
        {
            BridgeProcessor restored = new(new BridgeOptions(), progress);
            foreach (BridgeProgress said in whole.Values(progress).Take(told[cut]))
                restored.Restore(new StreamRecord { Topic = progress.Name, Partition = 0, Offset = 0, TimestampUnixMs = Start, Key = "0"u8.ToArray(), Value = said.ToByteArray() });
            long from = restored.ReplayFrom(cut);
            replayed = Math.Max(replayed, cut - from);
            RecordedOutput rest = new();
            for (int i = (int)from; i < cut; i++) restored.Process(records[i], new RecordedOutput());
            for (int i = cut; i < records.Count; i++) restored.Process(records[i], rest);
            Assert.Equal(Reports(whole)[before[cut]..], Reports(rest));
        }
        Assert.InRange(replayed, 1, 40);
    }

    [Fact]
    public void A_record_without_a_time_of_its_own_is_taken()
    {
        processor.Process(Record(offset++, 0, Gauges("a", 0), "") with { TimestampUnixMs = 0 }, output);
        processor.Process(Record(offset++, 1, Gauges("a", 1), "") with { TimestampUnixMs = 0 }, output);
        processor.Process(Record(offset++, 2, Gauges("a", 2), "") with { TimestampUnixMs = 0 }, output);
        Assert.Empty(output.DeadLetters);
    }

    [Fact]
    public void A_machine_whose_clock_is_a_day_ahead_does_not_close_what_is_open_of_others()
    {
        for (int i = 0; i < 5; i++)
        {
            Send(i, $"cpu,cpu=cpu-total,host=a usage_idle=80,usage_user=20 {Time(i)}");
            Send(i + 8640, $"cpu,cpu=cpu-total,host=b usage_idle=80,usage_user=20 {Time(i + 8640)}\nsystem,host=b n_cpus=2i {Time(i + 8640)}");
            Send(i, $"mem,host=a total=8000i,available=4000i {Time(i)}\nsystem,host=a n_cpus=2i {Time(i)}");
        }
        VmReport[] reports = [.. Reports().Where(r => r.Vm == "a")];
        Assert.Equal(3, reports.Length);
        Assert.All(reports, r => Assert.True(r.Own.HasMemoryUtilization && r.Own.HasCpuUtilization));
    }

    private static string Gauges(string host, int i) => $"cpu,cpu=cpu-total,host={host} usage_idle=80,usage_user=20 {Time(i)}\nsystem,host={host} n_cpus=2i {Time(i)}";

    private static long Time(int i) => (Start + (i * 10_000)) * 1_000_000;

    private void Send(int i, string lines, string key = "") => processor.Process(Record(offset++, i, lines, key), output);

    private static StreamRecord Record(long offset, int i, string lines, string key) => new()
    {
        Topic = "telegraf",
        Partition = 0,
        Offset = offset,
        TimestampUnixMs = Start + (i * 10_000),
        Key = Encoding.UTF8.GetBytes(key),
        Value = Encoding.UTF8.GetBytes(lines),
    };

    private static string[] Reports(RecordedOutput output) => [.. output.Values(Topics.VmMetrics).SelectMany(v => v.Reports).Select(r => Convert.ToHexString(r.ToByteArray()))];

    private VmReport[] Reports() => [.. output.Values(Topics.VmMetrics).SelectMany(v => v.Reports)];
}
