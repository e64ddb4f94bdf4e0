using Microsoft.Extensions.Time.Testing;
using Pipeline.Ingest.Agent.Delivery;
using Pipeline.Ingest.Agent.Spool;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Ingest.Agent.Spool;

namespace Pipeline.Tests.Unit.Ingest.Agent.Delivery;

public sealed class ReportSenderTests : IDisposable
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(SpoolFolder.Start));
    private readonly SpoolFolder folder = new();
    private readonly FakeWire wire = new();
    private readonly RecordedLog log = new();

    [Fact]
    public void While_the_cluster_is_away_reports_wait_and_are_then_sent_in_order_beside_fresh_ones()
    {
        using ReportSender sender = Sender(folder.Open());
        wire.Away = true;
        for (int i = 0; i < 360; i++) Report(sender);
        wire.Away = false;
        Report(sender);
        Report(sender);
        while (wire.Delivered.Count < 362) Tick();

        Assert.Equal(361UL, wire.Delivered[0].Sequence);
        ulong[] old = [.. wire.Delivered.Select(r => r.Sequence).Where(s => s <= 360)];
        Assert.Equal(Enumerable.Range(1, 360).Select(i => (ulong)i), old);
        Assert.Equal(362, sender.Sent);
    }

    [Fact]
    public void The_spool_is_drained_at_its_rate_and_a_fresh_report_waits_for_none_of_it()
    {
        using ReportSender sender = Sender(folder.Open());
        wire.Away = true;
        for (int i = 0; i < 500; i++) Report(sender);
        wire.Away = false;
        Report(sender);
        int before = wire.Delivered.Count;
        for (int i = 0; i < 20; i++) Tick();
        Assert.InRange(wire.Delivered.Count - before, 90, 101);

        Report(sender);
        Assert.Equal(502UL, wire.Delivered[^1].Sequence);
    }

    [Fact]
    public void Over_kills_at_any_moment_every_report_arrives_and_none_changes_its_number()
    {
        Random random = new(1);
        HashSet<ulong> made = [];
        for (int life = 0; life < 40; life++)
        {
            FakeWire mine = new() { Away = random.Next(2) == 0 };
            ReportSpool spool = folder.Open();
            // A clock of its own: nothing wakes what was killed.
            FakeTimeProvider clock = new(time.GetUtcNow());
            ReportSender sender = new(mine, spool, new SenderOptions(), new ReportSealer(null), log, clock);
            for (int i = random.Next(8); i > 0; i--)
            {
                VmReport report = Make();
                sender.Send(report);
                Assert.True(made.Add(report.Sequence), $"number {report.Sequence} was given out twice");
                if (random.Next(3) > 0) mine.Answer();
                TimeSpan passed = TimeSpan.FromSeconds(random.Next(2));
                clock.Advance(passed);
                time.Advance(passed);
            }
            wire.Delivered.AddRange(mine.Delivered);
            // Killed: nothing more is told or flushed, only the files are let go.
            spool.Dispose();
        }
        using ReportSender last = Sender(folder.Open());
        made.Add(Report(last).Sequence);
        for (int i = 0; i < 200; i++) Tick();

        Assert.Equal(made.Order(), wire.Delivered.Select(r => r.Sequence).Distinct().Order());
        Assert.Equal(0UL, StateOf(wire.Delivered[^1]).Dropped);
    }

    [Fact]
    public void What_the_spool_gave_up_is_told_in_the_next_report()
    {
        using ReportSender sender = Sender(folder.Open(SpoolOptions.BytesLeast));
        wire.Away = true;
        for (int i = 0; i < 2000; i++) Report(sender);
        wire.Away = false;
        VmReport fresh = Report(sender);
        for (int i = 0; i < 1000; i++) Tick();

        Assert.True(StateOf(fresh).Dropped > 0);
        Assert.Equal(2001, wire.Delivered.Count + (int)StateOf(fresh).Dropped);
    }

    [Fact]
    public void Without_a_spool_what_is_not_delivered_is_counted_as_lost()
    {
        using ReportSender sender = Sender(null);
        wire.Away = true;
        Report(sender);
        wire.Away = false;
        Report(sender);

        Assert.Equal((1L, 1L, 1UL), (sender.Sent, sender.Lost, StateOf(wire.Delivered.Single()).Dropped));
        Assert.Contains(log.Messages, m => m.Contains("--spool names a folder", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-100, "behind")]
    [InlineData(100, "ahead of")]
    public void A_clock_that_differs_from_the_brokers_is_named_once_and_told(int aheadS, string where)
    {
        using ReportSender sender = Sender(null);
        wire.BrokerUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds() - (aheadS * 1000);
        Report(sender);
        VmReport second = Report(sender);

        Assert.Equal(-aheadS * 1000, StateOf(second).ClockBehindMs);
        Assert.Single(log.Messages, m => m.Contains($"100 s {where} the broker's", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        folder.Dispose();
        log.Dispose();
    }

    private static AgentState StateOf(VmReport report) => AgentState.Parser.ParseFrom(report.Agent);

    private ReportSender Sender(ReportSpool? spool) => new(wire, spool, new SenderOptions(), new ReportSealer(null), log, time);

    private VmReport Make() => new() { Vm = "vm", Cell = "cell", TimeUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(), IntervalMs = 10_000, Cores = 1, Own = new Signals { CpuUtilization = .5f } };

    private VmReport Report(ReportSender sender)
    {
        VmReport report = Make();
        sender.Send(report);
        wire.Answer();
        return report;
    }

    private void Tick()
    {
        time.Advance(SenderOptions.DrainEvery);
        wire.Answer();
    }
}
