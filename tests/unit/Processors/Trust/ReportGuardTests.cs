using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Agent.Delivery;
using Pipeline.Processors.Service;
using Pipeline.Processors.Trust;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;
using Pipeline.Schemas.Signing;
using Pipeline.Tests.Unit.Processors.Service;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Processors.Trust;

public sealed class ReportGuardTests
{
    private const long Hour = 3_600_000;

    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly KeyDirectory keys = new();
    private readonly RecordedOutput output = new();

    public ReportGuardTests() => Publish(new CellKeys
    {
        Cell = "cell-0",
        RequiredFromUnixMs = Samples.Time - (10 * Hour),
        ReplayWindowMs = 2 * Hour,
        Keys = { new CellKey { Id = "old", NotAfterUnixMs = Samples.Time - Hour }, new CellKey { Id = "k1", NotBeforeUnixMs = Samples.Time - (2 * Hour) } },
    });

    [Fact]
    public void A_signed_report_is_taken_and_counted_into_its_step()
    {
        StepProcessor processor = new(new StepOptions { Snapshots = false }, Guard());
        for (int i = 0; i < 3; i++) processor.Process(Record(Seal(Report(i), Key("k1")), Samples.Time + (i * 300_000)), output);

        Assert.Empty(output.DeadLetters);
        Assert.Equal(1u, output.Values(Topics.VmSteps).First().Vms.Single().Reports);
    }

    [Fact]
    public void A_report_without_a_signature_or_with_anothers_goes_to_the_dead_letters_and_makes_no_VM()
    {
        StepProcessor processor = new(new StepOptions { Snapshots = false }, Guard());
        processor.Process(Record(Seal(Report(0), null)), output);
        processor.Process(Record(Seal(Report(0), ReportSignature.KeyOf("k1", Secret, "cell-0", "vm-2"))), output);
        for (int i = 1; i < 4; i++) processor.Process(Record(Seal(Report(i, vm: "vm-9"), ReportSignature.KeyOf("k1", Secret, "cell-0", "vm-9")), Samples.Time + (i * 300_000)), output);

        Assert.Equal(2, output.DeadLetters.Count);
        Assert.All(output.Values(Topics.VmSteps), s => Assert.Equal(["vm-9"], s.Vms.Select(v => v.Vm)));
    }

    [Fact]
    public void Whatever_byte_is_changed_it_is_refused()
    {
        byte[] value = Seal(Report(0), Key("k1"));
        ReportGuard guard = Guard();
        Assert.Null(guard.Check(Record(value)));
        for (int at = 0; at < value.Length; at++)
        {
            byte[] changed = [.. value];
            changed[at] ^= 1;
            Assert.True(guard.Check(Record(changed)) is not null, $"byte {at} of {value.Length}");
        }
    }

    [Fact]
    public void Something_appended_behind_the_signature_is_refused()
    {
        VmReport report = VmReports.Parser.ParseFrom(Seal(Report(0), Key("k1"))).Reports[0];
        byte[] bytes = [.. report.ToByteArray(), .. new VmReport { Cores = 64 }.ToByteArray()];
        byte[] value = [0x0A, (byte)(bytes.Length & 0x7F | 0x80), (byte)(bytes.Length >> 7), .. bytes];
        Assert.Equal(64, VmReports.Parser.ParseFrom(value).Reports[0].Cores);

        Assert.Contains("not signed", Guard().Check(Record(value)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("old", -2.0, null)]
    [InlineData("old", 0.0, "outside of its time")]
    [InlineData("k1", 0.0, null)]
    [InlineData("k1", -3.0, "outside of its time")]
    [InlineData("k9", 0.0, "does not have")]
    public void A_key_is_good_in_its_time_by_the_brokers_clock(string key, double hours, string? reason)
    {
        string? refused = Guard().Check(Record(Seal(Report(0, hours: hours), Key(key)), Samples.Time + (long)(hours * Hour)));

        if (reason is null) Assert.Null(refused);
        else Assert.Contains(reason, refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_older_than_the_replay_window_is_refused()
    {
        Assert.Null(Guard().Check(Record(Seal(Report(0, hours: -1.9), Key("k1")))));
        Assert.Contains("s old", Guard().Check(Record(Seal(Report(0, hours: -2.1), Key("k1")))), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_reports_in_a_record_each_has_to_be_signed()
    {
        byte[] signed = Seal(Report(0), Key("k1")), unsigned = Seal(Report(1), null);

        Assert.Null(Guard().Check(Record([.. signed, .. signed])));
        Assert.NotNull(Guard().Check(Record([.. signed, .. unsigned])));
    }

    [Fact]
    public void Cells_that_demand_nothing_yet_or_no_more_are_not_looked_at()
    {
        byte[] unsigned = Seal(Report(0), null);
        Assert.Null(Guard().Check(Record(unsigned, Samples.Time - (11 * Hour))));
        Assert.NotNull(Guard().Check(Record(unsigned)));
        Publish(new CellKeys { Cell = "cell-0" });
        Assert.Null(Guard().Check(Record(unsigned)));
        keys.Reset();
        Assert.Null(Guard().Check(Record(unsigned)));
    }

    [Fact]
    public void With_the_guard_the_topology_reads_the_keys_whole_and_without_it_not_at_all()
    {
        Assert.Empty(StepTopology.Create(new StepOptions()).Globals);
        Assert.Same(Topics.AgentKeys, Assert.Single(StepTopology.Create(new StepOptions(), Guard()).Globals));
    }

    private ReportGuard Guard() => new(keys, new Dictionary<string, byte[]> { ["k1"] = Secret, ["old"] = Secret });

    private static SigningKey Key(string id) => ReportSignature.KeyOf(id, Secret, "cell-0", "vm-1");

    private static byte[] Seal(VmReport report, SigningKey? key) => new ReportSealer(key).Seal(report);

    private static VmReport Report(int step, string vm = "vm-1", double hours = 0) => Samples.Report(vm: vm, time: Samples.Time + (step * 300_000) + (long)(hours * Hour), sequence: (ulong)step + 1);

    private void Publish(CellKeys value) => keys.Apply(
        new StreamRecord { Topic = Topics.AgentKeys.Name, Partition = 0, Offset = 0, TimestampUnixMs = Samples.Time, Key = Encoding.UTF8.GetBytes(value.Cell), Value = value.ToByteArray() },
        output);

    private static StreamRecord Record(byte[] value, long? time = null) => new()
    {
        Topic = Topics.VmMetrics.Name,
        Partition = 0,
        Offset = 0,
        TimestampUnixMs = time ?? Samples.Time,
        Key = "cell-0"u8.ToArray(),
        Value = value,
    };
}
