using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.History;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Processors.Service;

/// <summary>Reports are taken from bytes the short way where that is possible; what is published must not tell.</summary>
public sealed class ShortWayTests
{
    /// <summary>An empty group of a field that is not in use: parsers pass over it, the short way does not take it.</summary>
    private static readonly byte[] Group = [0x7B, 0x7C];

    [Fact]
    public void Both_ways_publish_the_same_bytes()
    {
        StepOptions options = new() { Step = TimeSpan.FromSeconds(10), CloseDelay = TimeSpan.FromSeconds(5), Grace = TimeSpan.FromSeconds(20) };
        for (int seed = 0; seed < 20; seed++)
        {
            List<StreamRecord> records = new ReportStream(seed) { Late = .1 }.Build();
            Spoil(records, new Random(seed));
            RecordedOutput taken = Run(records, options);
            RecordedOutput plain = Run([.. records.Select(r => r with { Value = [.. r.Value, .. Group] })], options);
            Assert.Equal(plain.DeadLetters, taken.DeadLetters);
            Assert.Equal(plain.Records.Select(Text), taken.Records.Select(Text));
            Assert.NotEmpty(taken.DeadLetters);
        }
    }

    [Fact]
    public void Sound_reports_of_known_vms_are_taken_without_the_parser()
    {
        VmDirectory vms = new(new CellHistory(new HistoryOptions { StepMs = 300_000 }));
        ReportIntake intake = new();
        StreamRecord record = Record(Samples.Reports(Samples.Report("vm-1"), Samples.Report("vm-2")));
        VmState first = vms.GetOrAdd("vm-1");
        Assert.False(intake.TryRead(record, vms, out _));
        VmState second = vms.GetOrAdd("vm-2");
        Assert.True(intake.TryRead(record, vms, out ReadOnlySpan<Report> reports));
        Assert.Equal([first, second], reports.ToArray().Select(r => r.Vm!));
    }

    [Theory]
    [MemberData(nameof(NotTaken))]
    public void What_is_wrong_is_left_to_the_parser(Action<VmReports> change)
    {
        VmDirectory vms = new(new CellHistory(new HistoryOptions { StepMs = 300_000 }));
        vms.GetOrAdd("vm-1");
        VmReports reports = Samples.Reports(Samples.Report());
        change(reports);
        Assert.False(new ReportIntake().TryRead(Record(reports), vms, out _));
    }

    public static TheoryData<Action<VmReports>> NotTaken => new()
    {
        r => r.Reports.Clear(),
        r => r.Reports[0].Cell = "cell-1",
        r => r.Reports[0].Own = null,
        r => r.Reports[0].Own.CpuUtilization = float.NaN,
        r => r.Reports[0].TimeUnixMs += 3_600_000,
        r => r.Reports[0].Vm = "vm-ä",
        r => r.Reports.Add(Enumerable.Repeat(r.Reports[0], 10_000)),
    };

    /// <summary>Some records with reports that have to be put aside.</summary>
    private static void Spoil(List<StreamRecord> records, Random random)
    {
        for (int i = 0; i < records.Count; i += random.Next(1, 60))
        {
            VmReports reports = VmReports.Parser.ParseFrom(records[i].Value);
            VmReport report = reports.Reports[random.Next(reports.Reports.Count)];
            if (random.Next(2) == 0) report.Cores = float.NaN;
            else report.Vm = "vm-ä";
            records[i] = records[i] with { Value = reports.ToByteArray() };
        }
    }

    private static RecordedOutput Run(List<StreamRecord> records, StepOptions options)
    {
        RecordedOutput output = new();
        StepProcessor processor = new(options);
        foreach (StreamRecord record in records) processor.Process(record, output);
        return output;
    }

    private static string Text((string Topic, string Key, byte[] Value) record) => $"{record.Topic} {record.Key} {Convert.ToHexString(record.Value)}";

    private static StreamRecord Record(VmReports reports) => new()
    {
        Topic = Topics.VmMetrics.Name,
        Partition = 0,
        Offset = 7,
        TimestampUnixMs = Samples.Time,
        Key = Encoding.UTF8.GetBytes("cell-0"),
        Value = reports.ToByteArray(),
    };
}
