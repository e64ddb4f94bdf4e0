using System.Globalization;
using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Ingest.Bridge;

/// <summary>The same agents with other settings than those of the captures: the same machine comes out.</summary>
public sealed class SettingsTests
{
    private const long Start = 1_795_415_058;

    /// <summary>Units and forms of json_timestamp_units and json_timestamp_format.</summary>
    [Theory]
    [InlineData("1795415058")]
    [InlineData("1795415058000")]
    [InlineData("1795415058000000")]
    [InlineData("1795415058000000000")]
    [InlineData("\"2026-11-23T06:24:18Z\"")]
    [InlineData("\"2026-11-23T08:24:18+02:00\"")]
    public void Telegrafs_json_tells_the_time_in_many_ways(string time)
    {
        List<MetricPoint> points = [];
        AgentFormats.Decoder(AgentFormat.Auto).Decode(Encoding.UTF8.GetBytes($$"""{"fields":{"n_cpus":2},"name":"system","tags":{"host":"a"},"timestamp":{{time}}}"""), 0, points);
        Assert.Equal((ulong)Start * 1_000_000_000, Assert.Single(points).TimeUnixNano);
    }

    [Fact]
    public void Telegrafs_json_in_batches_is_one_report_a_scrape() => Check(i => [$$"""
        {"metrics":[{"fields":{"usage_idle":75,"usage_user":25},"name":"cpu","tags":{"cpu":"cpu-total","host":"vm"},"timestamp":{{Time(i)}}},
        {"fields":{"n_cpus":2,"load1":1},"name":"system","tags":{"host":"vm"},"timestamp":{{Time(i)}}},
        {"fields":{"used":25,"total":100},"name":"mem","tags":{"host":"vm"},"timestamp":{{Time(i)}}},
        {"fields":{"bytes_recv":{{i * 1000}}},"name":"net","tags":{"host":"vm","interface":"eth0"},"timestamp":{{Time(i)}}}]}
        """]);

    [Theory]
    [InlineData("")]
    [InlineData("000")]
    [InlineData("000000")]
    [InlineData("000000000")]
    public void Line_protocol_in_any_precision(string zeros) => Check(i =>
    [
        $"cpu,cpu=cpu-total,host=vm usage_idle=75,usage_user=25 {Time(i)}{zeros}\nsystem,host=vm n_cpus=2u,load1=1 {Time(i)}{zeros}\n",
        $"mem,host=vm available=75u,total=100u {Time(i)}{zeros}\nnet,host=vm,interface=eth0 bytes_recv={i * 1000}u {Time(i)}{zeros}\n",
    ]);

    /// <summary>Prefix, what stands between host and plugin, separators, what is appended.</summary>
    [Theory]
    [InlineData("collectd.vm.", '.', "")]
    [InlineData("collectd.vm.", '-', "")]
    [InlineData("collectd.vm.", '-', ".value")]
    [InlineData("collectd.vm.", '.', ".value")]
    [InlineData("vm.", '-', "")]
    [InlineData("collectd.vm.telemetry.", '-', "")]
    public void Graphite_with_other_paths(string before, char separator, string after) => Check(i =>
    [
        $"{before}cpu{separator}0.percent{separator}idle{after} 75 {Time(i)}\r\n{before}cpu{separator}0.percent{separator}user{after} 25 {Time(i)}\r\n",
        $"{before}cpu{separator}1.percent{separator}idle{after} 75 {Time(i)}\r\n{before}cpu{separator}1.percent{separator}user{after} 25 {Time(i)}\r\n",
        $"{before}memory.memory{separator}used{after} 25 {Time(i)}\r\n{before}memory.memory{separator}free{after} 75 {Time(i)}\r\n",
        $"{before}load.load.shortterm 1 {Time(i)}\r\n{before}interface{separator}eth0.if_octets.rx {i * 1000} {Time(i)}\r\n{before}interface{separator}eth0.if_octets.tx {i} {Time(i)}\r\n",
    ]);

    [Fact]
    public void Graphite_with_rates_instead_of_counters() => Check(i =>
    [
        $"collectd.vm.cpu-0.cpu-idle 74.99 {Time(i)}\ncollectd.vm.cpu-0.cpu-user 24.99666 {Time(i)}\ncollectd.vm.cpu-1.cpu-idle 74.99 {Time(i)}\ncollectd.vm.cpu-1.cpu-user 24.99666 {Time(i)}\n",
        $"collectd.vm.memory.memory-used 25 {Time(i)}\ncollectd.vm.memory.memory-free 75 {Time(i)}\ncollectd.vm.load.shortterm 1 {Time(i)}\ncollectd.vm.interface-eth0.if_octets.rx 100.0001 {Time(i)}\n",
    ]);

    [Fact]
    public void Graphite_with_tags() => Check(i =>
    [
        Tagged("cpu", "0", "percent", "idle", "value", 75, i) + Tagged("cpu", "0", "percent", "user", "value", 25, i) + Tagged("cpu", "1", "percent", "idle", "value", 75, i) + Tagged("cpu", "1", "percent", "user", "value", 25, i),
        Tagged("memory", "", "memory", "used", "value", 25, i) + Tagged("memory", "", "memory", "free", "value", 75, i) + Tagged("load", "", "load", "", "shortterm", 1, i) + Tagged("interface", "eth0", "if_octets", "", "rx", i * 1000, i),
    ]);

    /// <summary>ReportByCpu false with ReportNumCpu, ReportByState false, several values in a list and several lists in a record.</summary>
    [Fact]
    public void Collectd_that_tells_all_cpus_and_states_together() => Check(i => [$$"""
        [{"values":[25],"dstypes":["gauge"],"dsnames":["value"],"time":{{Time(i)}}.001,"interval":10,"host":"vm","plugin":"cpu","plugin_instance":"","type":"percent","type_instance":"active"},
        {"values":[2],"dstypes":["gauge"],"dsnames":["value"],"time":{{Time(i)}}.002,"interval":10,"host":"vm","plugin":"cpu","plugin_instance":"","type":"count","type_instance":""},
        {"values":[25],"dstypes":["gauge"],"dsnames":["value"],"time":{{Time(i)}}.003,"interval":10,"host":"vm","plugin":"memory","plugin_instance":"","type":"percent","type_instance":"used"},
        {"values":[1,2,3],"dstypes":["gauge","gauge","gauge"],"dsnames":["shortterm","midterm","longterm"],"time":{{Time(i)}}.004,"interval":10,"host":"vm","plugin":"load","plugin_instance":"","type":"load","type_instance":""},
        {"values":[{{i * 1000}},{{i}}],"dstypes":["derive","derive"],"dsnames":["rx","tx"],"time":{{Time(i)}}.005,"interval":10,"host":"vm","plugin":"interface","plugin_instance":"eth0","type":"if_octets","type_instance":""}]
        """]);

    /// <summary>Newer names of attributes, gauges as integers, metrics that no report holds in between.</summary>
    [Fact]
    public void The_collector_with_new_names_and_metrics_of_all_kinds()
    {
        RecordedOutput output = new();
        BridgeProcessor bridge = new(new BridgeOptions());
        for (int i = 0; i < 4; i++) bridge.Process(Record(i, i, Collector(i)), output);
        bridge.CloseAll(output);
        Check(output);
    }

    private static byte[] Collector(int i)
    {
        ulong time = (ulong)Time(i) * 1_000_000_000;
        NumberDataPoint Whole(long value, params (string Key, string Value)[] attributes) => new() { AsInt = value, TimeUnixNano = time, Attributes = { attributes.Select(a => new KeyValue { Key = a.Key, Value = new AnyValue { StringValue = a.Value } }) } };
        NumberDataPoint Real(double value, params (string Key, string Value)[] attributes)
        {
            NumberDataPoint point = Whole(0, attributes);
            point.AsDouble = value;
            return point;
        }

        return new MetricsData
        {
            ResourceMetrics =
            {
                new ResourceMetrics
                {
                    Resource = new Resource { Attributes = { new KeyValue { Key = "host.name", Value = new AnyValue { StringValue = "vm" } } } },
                    ScopeMetrics =
                    {
                        new ScopeMetrics
                        {
                            Metrics =
                            {
                                new Metric { Name = "latency", Summary = new Summary { DataPoints = { new SummaryDataPoint { Count = 3, Sum = 5, TimeUnixNano = time, QuantileValues = { new SummaryDataPoint.Types.ValueAtQuantile { Quantile = .5, Value = 1 } } } } } },
                                new Metric { Name = "sizes", ExponentialHistogram = new ExponentialHistogram { AggregationTemporality = AggregationTemporality.Delta, DataPoints = { new ExponentialHistogramDataPoint { Count = 3, Scale = 2, TimeUnixNano = time } } } },
                                new Metric
                                {
                                    Name = "system.cpu.time", Unit = "s",
                                    Sum = new Sum { IsMonotonic = true, AggregationTemporality = AggregationTemporality.Cumulative, DataPoints = { Real(i * 7.5, ("cpu.mode", "idle"), ("cpu.logical_number", "0")), Real(i * 2.5, ("cpu.mode", "user"), ("cpu.logical_number", "0")), Real(i * 7.5, ("cpu.mode", "idle"), ("cpu.logical_number", "1")), Real(i * 2.5, ("cpu.mode", "user"), ("cpu.logical_number", "1")) } },
                                },
                                new Metric { Name = "system.cpu.logical.count", Gauge = new Gauge { DataPoints = { Whole(2) } } },
                                new Metric { Name = "system.memory.utilization", Gauge = new Gauge { DataPoints = { Real(.25, ("system.memory.state", "used")) } } },
                                new Metric { Name = "system.linux.load.1m", Gauge = new Gauge { DataPoints = { Whole(1) } } },
                                new Metric { Name = "system.network.io", Sum = new Sum { IsMonotonic = true, AggregationTemporality = AggregationTemporality.Cumulative, DataPoints = { Whole(i * 1000, ("network.interface.name", "eth0"), ("network.io.direction", "receive")) } } },
                            },
                        },
                    },
                },
            },
        }.ToByteArray();
    }

    private static string Tagged(string plugin, string instance, string type, string typeInstance, string ds, double value, int i) => string.Create(
        CultureInfo.InvariantCulture,
        $"{plugin}.{type};host=vm;plugin={plugin}{(instance.Length > 0 ? ";plugin_instance=" + instance : "")};type={type}{(typeInstance.Length > 0 ? ";type_instance=" + typeInstance : "")};ds_name={ds} {value} {Time(i)}\n");

    private static long Time(int i) => Start + (i * 10);

    private static StreamRecord Record(long offset, int i, byte[] value) => new() { Topic = "foreign", Partition = 0, Offset = offset, TimestampUnixMs = (Time(i) * 1000) + 5, Key = [], Value = value };

    private static void Check(Func<int, string[]> records)
    {
        RecordedOutput output = new();
        BridgeProcessor bridge = new(new BridgeOptions());
        long offset = 0;
        for (int i = 0; i < 4; i++)
            foreach (string record in records(i)) bridge.Process(Record(offset++, i, Encoding.UTF8.GetBytes(record)), output);
        bridge.CloseAll(output);
        Check(output);
    }

    /// <summary>Two CPUs a quarter busy, a quarter of the memory, load 1, 100 bytes a second.</summary>
    private static void Check(RecordedOutput output)
    {
        Assert.Empty(output.DeadLetters);
        VmReport[] reports = [.. output.Values(Topics.VmMetrics).SelectMany(v => v.Reports)];
        Assert.InRange(reports.Length, 3, 4);
        Assert.All(reports[^3..], r =>
        {
            Assert.Equal(("vm", 10_000u, 2f), (r.Vm, r.IntervalMs, r.Cores));
            Assert.Equal(.25f, r.Own.CpuUtilization, 4);
            Assert.Equal(.25f, r.Own.MemoryUtilization, 4);
            Assert.Equal(1f, r.Own.Load1M);
            Assert.Equal(100f, r.Own.NetworkReceive, 1);
        });
    }
}
