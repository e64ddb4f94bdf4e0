using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Processors.Service;

/// <summary>A processor that is thrown away after any record and restored from what it published goes on with the very same bytes.</summary>
public sealed class RestartTests
{
    private static readonly StepOptions Options = new()
    {
        Step = TimeSpan.FromSeconds(10),
        CloseDelay = TimeSpan.FromSeconds(3),
        Grace = TimeSpan.FromSeconds(20),
        RefreshSteps = 12,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void With_late_repeated_and_lost_reports_joins_and_leaves(int seed) => Check(new ReportStream(seed), Options, every: 13);

    [Fact]
    public void With_no_grace() =>
        Check(new ReportStream(4), Options with { Grace = TimeSpan.Zero, CloseDelay = TimeSpan.Zero }, every: 17);

    [Fact]
    public void With_reports_longer_than_steps() =>
        Check(new ReportStream(5) { IntervalMs = 25_000, Steps = 150, DelayMs = 5_000, Late = .2 }, Options with { CloseDelay = TimeSpan.FromSeconds(20) }, every: 11);

    [Fact]
    public void With_a_close_delay_longer_than_a_step() =>
        Check(new ReportStream(6) { DelayMs = 8_000 }, Options with { CloseDelay = TimeSpan.FromSeconds(25), Grace = TimeSpan.FromSeconds(45) }, every: 13);

    [Fact]
    public void With_a_gap_that_is_filled_with_empty_steps() =>
        Check(new ReportStream(7) { SilentFrom = 45, SilentSteps = 12, Steps = 80, DelayMs = 4_000 }, Options, every: 19);

    [Fact]
    public void With_a_silence_that_is_skipped() =>
        Check(new ReportStream(8) { SilentFrom = 45, SilentSteps = 400, Steps = 490, DelayMs = 4_000 }, Options, every: 19);

    [Fact]
    public void With_vms_that_leave_for_good_and_come_back() =>
        Check(new ReportStream(9) { IntervalMs = 10_000, Steps = 420, VmsPerCell = 5, Passing = 3, Cells = 1 }, Options, every: 83);

    [Fact]
    public void With_a_cell_that_stops_while_another_goes_on() =>
        Check(new ReportStream(10) { LastCellStops = 20, Steps = 480, IntervalMs = 10_000, VmsPerCell = 3 }, Options, every: 41);

    private static void Check(ReportStream stream, StepOptions options, int every)
    {
        List<StreamRecord> records = stream.Build();
        RecordedOutput whole = new();
        int[] outputsBefore = new int[records.Count + 1];
        StepProcessor processor = new(options);
        for (int i = 0; i < records.Count; i++)
        {
            processor.Process(records[i], whole);
            outputsBefore[i + 1] = whole.Records.Count;
        }
        Assert.Contains(whole.Values(Topics.VmPatterns), c => c.Patterns.Count > 0);
        Assert.True(whole.Values(Topics.VmSteps).Any(c => c.Revision > 0) || options.Grace == TimeSpan.Zero, "nothing was revised");
        for (int cut = 1; cut < records.Count; cut += every)
        {
            RecordedOutput rest = new();
            StepProcessor restored = Restored(options, whole.Records[..outputsBefore[cut]], records, cut);
            for (int i = cut; i < records.Count; i++)
            {
                restored.Process(records[i], rest);
                AssertSame(whole.Records, outputsBefore[cut], rest.Records, $"cut before record {cut} of {records.Count}, at record {i}");
                if (rest.Records.Count > 400) break;
            }
        }
    }

    private static StepProcessor Restored(StepOptions options, List<(string Topic, string Key, byte[] Value)> published, List<StreamRecord> records, int cut)
    {
        StepProcessor processor = new(options);
        foreach (TopicSpec topic in StepTopology.Create(options).Changelogs)
        {
            int offset = 0;
            foreach ((_, string key, byte[] value) in published.Where(p => p.Topic == topic.Name))
                processor.Restore(records[0] with { Topic = topic.Name, Offset = offset++, Key = System.Text.Encoding.UTF8.GetBytes(key), Value = value });
        }
        long committed = records[cut - 1].Offset + 1, from = processor.ReplayFrom(committed);
        Assert.InRange(from, 0, committed);
        foreach (StreamRecord record in records.Take(cut).Where(r => r.Offset >= from)) processor.Process(record, new RecordedOutput());
        return processor;
    }

    private static void AssertSame(List<(string Topic, string Key, byte[] Value)> whole, int skip, List<(string Topic, string Key, byte[] Value)> rest, string where)
    {
        Assert.True(skip + rest.Count <= whole.Count, $"{where}: writes more than before");
        for (int k = 0; k < rest.Count; k++)
        {
            (string Topic, string Key, byte[] Value) wanted = whole[skip + k], actual = rest[k];
            if (wanted.Topic == actual.Topic && wanted.Value.AsSpan().SequenceEqual(actual.Value)) continue;
            Assert.Fail($"{where}, output {k}: {Text(actual)}\nwanted: {Text(wanted)}");
        }
    }

    private static string Text((string Topic, string Key, byte[] Value) record)
    {
        string text = record.Topic == Topics.VmSteps.Name ? StepChunk.Parser.ParseFrom(record.Value).ToString()
            : record.Topic == Topics.GraphCommunities.Name ? CommunityChunk.Parser.ParseFrom(record.Value).ToString()
            : record.Topic == Topics.VmPatterns.Name ? PatternChunk.Parser.ParseFrom(record.Value).ToString()
            : Snapshot(SnapshotChunk.Parser.ParseFrom(record.Value));
        return record.Topic + " " + text;
    }

    private static string Snapshot(SnapshotChunk chunk) =>
        $"{chunk.Cell} {chunk.StepEndUnixMs} revision {chunk.Revision} rows {chunk.Vm} communities {chunk.Community} completeness {chunk.Completeness} neighbours {chunk.Neighbours.ToBase64()}";
}
