using System.Globalization;
using System.Text;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Infra.Traces;

namespace Pipeline.Tests.Unit.Ingest.Bridge.Spread;

/// <summary>Records of a machine that are spread over partitions give the reports that one partition gives.</summary>
public sealed class SpreadTests
{
    private const int Partitions = 4;
    private const long Start = 1_795_415_058_000;

    private static readonly BridgeOptions Options = new() { CellAttribute = "dc" };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Partitions_that_are_not_level_change_nothing(int seed) => Assert.NotEqual(0, Check(Fleet(seed), seed, restarts: 0));

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Restarts_of_the_second_stage_change_nothing(int seed) => Assert.NotEqual(0, Check(Fleet(seed), seed, restarts: .05));

    [TraceDataFact("agents")]
    public void Captures_with_random_keys_give_what_one_partition_gives()
    {
        string[] names = ["otelcol_otlp_proto", "otelcol_otlp_json", "otel_python_proto", "telegraf_influx", "telegraf_json", "collectd_json", "collectd_graphite"];
        string[] silent = [.. names.Where(name => Check([.. CaptureFile.Read(new FileInfo(Path.Combine(TraceDataFactAttribute.Folder("agents").FullName, name + ".jsonl")))], seed: 7, restarts: .02) == 0)];
        // Some captures are too short for a report, or tell of a process and not of its machine.
        Assert.Equal([], silent.Except(["otelcol_otlp_json", "otel_python_proto"]));
    }

    [Fact]
    public void A_partition_that_says_nothing_is_not_waited_for_for_ever()
    {
        SpreadRig rig = new(Partitions, Options);
        // A minute of three partitions, a second apart; the fourth was heard of once.
        for (int i = 0; i < 100; i++) rig.Take(Record(i == 0 ? 3 : i % 3, i, i, "a"), Start + (i * 1000));
        Assert.InRange(rig.Reports.Length, 30, 97);
        Assert.Equal(rig.Reports.Length, rig.Reports.Select(r => r.TimeUnixMs).Distinct().Count());
    }

    [Fact]
    public void Where_only_one_partition_is_written_to_reports_come_after_ten_seconds()
    {
        SpreadRig rig = new(Partitions, Options);
        StreamRecord[] records = [.. Enumerable.Range(0, 20).Select(i => Record(1, i, i, "a"))];
        for (int i = 0; i < 9; i++) rig.Take(records[i], Start + (i * 1000));
        Assert.Empty(rig.Reports);
        for (int i = 9; i < 20; i++) rig.Take(records[i], Start + (i * 1000));
        // The last two are still open.
        Assert.Equal(SpreadRig.Sorted(SpreadRig.InOnePartition(records, Options))[..^2], SpreadRig.Sorted(rig.Reports));
    }

    [Fact]
    public void When_nothing_more_comes_the_last_reports_are_made()
    {
        SpreadRig rig = new(Partitions, Options);
        StreamRecord[] records = [.. Enumerable.Range(0, 20).Select(i => Record(1 + (i % 2), i, i, "a"))];
        for (int i = 0; i < 20; i++) rig.Take(records[i], Start + (i * 1000));
        rig.BeQuiet(TimeSpan.FromSeconds(9), Start + 29_000);
        Assert.NotEqual(19, rig.Reports.Length);
        rig.BeQuiet(TimeSpan.FromSeconds(10), Start + 30_000);
        Assert.Equal(SpreadRig.Sorted(SpreadRig.InOnePartition(records, Options)), SpreadRig.Sorted(rig.Reports));
        int before = rig.Reports.Length;
        rig.Restart();
        // A machine that goes on later goes on where it was: its counters have a scrape before.
        rig.Take(Record(3, 20, 40, "a"), Start + 40_000);
        rig.BeQuiet(TimeSpan.FromSeconds(10), Start + 60_000);
        Assert.Equal(before + 1, rig.Reports.Length);
    }

    [Fact]
    public void A_partition_that_is_read_to_its_end_is_waited_for_for_ten_seconds()
    {
        SpreadRig rig = new(2, Options);
        rig.Take(Record(0, 0, 0, "a"), Start);
        for (int i = 1; i < 30; i++)
        {
            rig.Take(Record(1, i, i, "a"), Start + (i * 1000));
            rig.BeQuiet(TimeSpan.FromSeconds(i), Start + (i * 1000), partition: 0);
            Assert.Equal(i >= 10, rig.Reports.Length > 0);
        }
    }

    [Fact]
    public void Idle_is_said_once_until_something_comes()
    {
        SpreadRig rig = new(Partitions, Options);
        rig.BeQuiet(TimeSpan.FromSeconds(10), Start);
        rig.BeQuiet(TimeSpan.FromSeconds(11), Start + 1000);
        Assert.Equal(Partitions, rig.Forwarded.Count);
    }

    [Fact]
    public void One_machine_in_one_partition_is_not_held_up_by_others_that_are_idle()
    {
        SpreadRig rig = new(Partitions, Options);
        rig.BeQuiet(TimeSpan.FromSeconds(10), Start);
        for (int i = 0; i < 5; i++) rig.Take(Record(1, i, i, "a"), Start + (i * 1000));
        Assert.NotEmpty(rig.Reports);
    }

    [Fact]
    public void What_is_no_message_of_the_first_stage_is_put_aside()
    {
        SpreadRig rig = new(Partitions, Options);
        rig.Merger.Process(new StreamRecord { Topic = "foreign.machine-points", Partition = 0, Offset = 0, TimestampUnixMs = Start, Key = "a"u8.ToArray(), Value = [1, 2, 3] }, rig.Output);
        MachinePoints points = new() { Vm = "a", Cell = "c", Observations = { new MachineObservation { Kind = 99 } } };
        rig.Merger.Process(new StreamRecord { Topic = "foreign.machine-points", Partition = 0, Offset = 1, TimestampUnixMs = Start, Key = "a"u8.ToArray(), Value = Google.Protobuf.MessageExtensions.ToByteArray(points) }, rig.Output);
        Assert.Equal([0L, 1L], rig.Output.DeadLetters.Select(d => d.Offset));
    }

    /// <summary>Draws partitions, and then in which order they are read: each in its own order, one up to a minute of the wall behind the others.</summary>
    private static int Check(IReadOnlyList<StreamRecord> records, int seed, double restarts)
    {
        Random random = new(seed);
        Queue<StreamRecord>[] partitions = [.. Enumerable.Range(0, Partitions).Select(_ => new Queue<StreamRecord>())];
        foreach (StreamRecord record in records)
        {
            int partition = random.Next(Partitions);
            partitions[partition].Enqueue(record with { Partition = partition });
        }
        SpreadRig rig = new(Partitions, Options);
        long now = Start;
        while (partitions.Any(p => p.Count > 0))
        {
            Queue<StreamRecord> read = partitions.Where(p => p.Count > 0).ElementAt(random.Next(partitions.Count(p => p.Count > 0)));
            for (int burst = random.Next(1, 30); burst > 0 && read.TryDequeue(out StreamRecord record); burst--) rig.Take(record, now += random.Next(20));
            if (random.NextDouble() < restarts) rig.Restart();
        }
        rig.Merger.CloseAll(rig.Output);
        Assert.Empty(rig.Output.DeadLetters);
        string[] wanted = SpreadRig.Sorted(SpreadRig.InOnePartition(records, Options));
        Assert.Equal(wanted, SpreadRig.Sorted(rig.Reports));
        return wanted.Length;
    }

    /// <summary>Machines whose gauges, counters and sizes are records of their own.</summary>
    private static List<StreamRecord> Fleet(int seed)
    {
        Random random = new(seed);
        List<StreamRecord> records = [];
        for (int i = 0; i < 60; i++)
            for (int vm = 0; vm < 5; vm++)
            {
                if (random.Next(20) == 0) continue;
                string name = "vm-" + vm.ToString(CultureInfo.InvariantCulture);
                long time = (Start + (i * 10_000)) * 1_000_000;
                Add(i, $"cpu,cpu=cpu-total,host={name},dc=d{vm % 2} time_idle={i * 15},time_user={i * 5} {time + 200_000_000}");
                Add(i, $"system,host={name},dc=d{vm % 2} n_cpus=2i {time}");
                Add(i, $"mem,host={name},dc=d{vm % 2} total=8000i,available={random.Next(8000)}i {time}");
                Add(i, $"diskio,host={name},dc=d{vm % 2},name=vda read_bytes={(i * 1000) + random.Next(1000)}i {time + 100_000_000}");
            }
        return records;

        void Add(int i, string line) => records.Add(new StreamRecord { Topic = "foreign", Partition = 0, Offset = records.Count, TimestampUnixMs = Start + (i * 10_000) + 300 + records.Count % 20, Key = [], Value = Encoding.UTF8.GetBytes(line) });
    }

    private static StreamRecord Record(int partition, int offset, int second, string vm) => new()
    {
        Topic = "foreign",
        Partition = partition,
        Offset = offset,
        TimestampUnixMs = Start + (second * 1000),
        Key = [],
        Value = Encoding.UTF8.GetBytes($"cpu,cpu=cpu-total,host={vm} usage_idle=80,usage_user=20 {(Start + (second * 1000)) * 1_000_000}\nsystem,host={vm} n_cpus=2i {(Start + (second * 1000)) * 1_000_000}"),
    };
}
