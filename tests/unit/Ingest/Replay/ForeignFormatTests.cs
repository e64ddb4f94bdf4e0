using System.Text;
using Google.Protobuf;
using Pipeline.Ingest.Replay.Foreign;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Ingest.Replay;

public sealed class ForeignFormatTests
{
    [Fact]
    public void Telegraf_sends_one_metric_a_record_with_percent_and_counters()
    {
        TelegrafInfluxFormat format = new();
        Assert.NotEmpty(format.Encode(Report()));

        (string? Key, byte[] Value)[] second = [.. format.Encode(Report())];

        Assert.All(second, r => Assert.Equal("vm 1", r.Key));
        Assert.Equal(
            [
                "cpu,cell=cell-0,cpu=cpu-total,host=vm\\ 1 usage_user=20,usage_system=0,usage_idle=75,usage_iowait=0,usage_steal=5 1767225600000000000\n",
                "mem,cell=cell-0,host=vm\\ 1 total=17179869184i,available=8589934592i,available_percent=50,used_percent=50 1767225600000000000\n",
                "diskio,cell=cell-0,host=vm\\ 1,name=vda read_bytes=60000i,write_bytes=0i 1767225600000000000\n",
                "net,cell=cell-0,host=vm\\ 1,interface=eth0 bytes_recv=6000i,bytes_sent=1200i 1767225600000000000\n",
                "system,cell=cell-0,host=vm\\ 1 n_cpus=4i,load1=1.5 1767225600000000000\n",
            ],
            second.Select(r => Encoding.UTF8.GetString(r.Value)));
    }

    [Fact]
    public void Otlp_is_one_request_whose_counters_grow()
    {
        OtlpProtoFormat format = new();
        Assert.NotEmpty(format.Encode(Report()));

        (string? key, byte[] value) = format.Encode(Report()).Single();

        Assert.Null(key);
        string[] points = [.. Points(value)];
        Assert.Contains("system.cpu.logical.count {cpu} i4", points);
        Assert.Contains("system.cpu.utilization 1 d0.2 cpu=cpu3 state=user", points);
        Assert.Contains("system.cpu.utilization 1 d0.75 cpu=cpu0 state=idle", points);
        Assert.Contains("system.memory.utilization 1 d0.5 state=used", points);
        Assert.Contains("system.disk.io By i60000 device=vda direction=read", points);
        Assert.Contains("system.network.io By i1200 device=eth0 direction=transmit", points);
        Assert.Equal(2 + 16 + 2 + 2 + 2 + 1, points.Length);
    }

    [Fact]
    public void What_was_not_measured_is_not_sent()
    {
        VmReport report = Samples.Report();
        report.Own = new Signals();

        Assert.Single(new TelegrafInfluxFormat().Encode(report));
        Assert.Equal(2, Points(new OtlpProtoFormat().Encode(report).Single().Value).Count());
    }

    private static VmReport Report()
    {
        VmReport report = Samples.Report(vm: "vm 1");
        report.IntervalMs = 60_000;
        report.Own = new Signals { CpuUtilization = .25f, CpuSteal = .05f, MemoryUtilization = .5f, DiskRead = 500, NetworkReceive = 50, NetworkTransmit = 10, Load1M = 1.5f };
        return report;
    }

    /// <summary>Reads the wire by the numbers of opentelemetry-proto.</summary>
    private static IEnumerable<string> Points(byte[] request)
    {
        foreach (byte[] metric in Fields(request, 1).SelectMany(r => Fields(r, 2)).SelectMany(s => Fields(s, 2)))
        {
            string head = $"{Text(Fields(metric, 1).Single())} {Text(Fields(metric, 3).Single())}";
            foreach (byte[] point in Fields(metric, 5).Concat(Fields(metric, 7)).SelectMany(d => Fields(d, 1)))
            {
                string value = Fixed(point, 4) is { } bits ? FormattableString.Invariant($"d{Math.Round(BitConverter.UInt64BitsToDouble(bits), 6)}") : FormattableString.Invariant($"i{Fixed(point, 6)}");
                IEnumerable<string> attributes = Fields(point, 7).Select(a => $" {Text(Fields(a, 1).Single())}={Text(Fields(Fields(a, 2).Single(), 1).Single())}");
                yield return $"{head} {value}{string.Concat(attributes)}";
            }
        }
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static List<byte[]> Fields(byte[] message, int field)
    {
        List<byte[]> found = [];
        CodedInputStream input = new(message);
        while (input.ReadTag() is > 0 and uint tag)
        {
            if (tag == (uint)(field << 3 | 2)) found.Add(input.ReadBytes().ToByteArray());
            else input.SkipLastField();
        }
        return found;
    }

    private static ulong? Fixed(byte[] message, int field)
    {
        ulong? found = null;
        CodedInputStream input = new(message);
        while (input.ReadTag() is > 0 and uint tag)
        {
            if (tag == (uint)(field << 3 | 1)) found = input.ReadFixed64();
            else input.SkipLastField();
        }
        return found;
    }
}
