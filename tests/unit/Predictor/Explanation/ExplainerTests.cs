using System.Text;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Reports;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Explanation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Predictor.Explanation;

public sealed class ExplainerTests : IDisposable
{
    private const int Vms = 12, Row = 5;

    private readonly Scorer _scorer = TestModel.Scorer();
    private readonly SnapshotChunk[] _snapshot = TestModel.Snapshot(Vms, seed: 4, chunkVms: 5);

    [Fact]
    public void The_forecast_is_the_one_that_is_served_and_everything_missing_gives_the_prior()
    {
        Explained e = Explain(_snapshot);
        SnapshotReader reader = new(TestModel.Signature);
        reader.Read(TestModel.Views(_snapshot));
        Forecast served = new();
        _scorer.Run(reader.Inputs, served);
        Assert.Equal(served.PeakQuantile.AsSpan(Row * 12, 12).ToArray(), e.PeakQuantile);

        SnapshotChunk empty = TestModel.Snapshot(1)[0];
        empty.Window = TestModel.Bytes([.. Enumerable.Repeat(Half.NaN, 36 * 3)]);
        empty.Features = TestModel.Bytes([float.NaN, float.NaN]);
        reader.Read(TestModel.Views(empty));
        Forecast prior = new();
        _scorer.Run(reader.Inputs, prior);
        Driver everything = e.Drivers.Single(d => d.Kind == DriverKind.Everything);
        for (int i = 0; i < 12; i++) Assert.Equal(prior.PeakQuantile[i], everything.PeakQuantile[i], 1e-5f);
    }

    /// <summary>Each driver is what a snapshot without it gives.</summary>
    [Fact]
    public void A_driver_is_the_forecast_of_a_snapshot_that_lacks_it()
    {
        Explained e = Explain(_snapshot);
        Assert.Equal(2 + 3 + 1 + 1 + 1, e.Parts.Count());

        SnapshotChunk[] silent = Changed(window: (t, _) => t >= 36 - 12);
        Same(Explain(silent).PeakQuantile, e.Drivers.Single(d => d.Name == "own reports of the last 60 minutes").PeakQuantile);
        SnapshotChunk[] without = Changed(window: (_, signal) => signal == 1);
        Same(Explain(without).PeakQuantile, e.Drivers.Single(d => d.Name == "memory_utilization of the window").PeakQuantile);
        Same(Explain(Changed(features: true)).PeakQuantile, e.Drivers.Single(d => d.Kind == DriverKind.Features).PeakQuantile);
        Same(Explain(Changed(neighbours: true)).PeakQuantile, e.Drivers.Single(d => d.Kind == DriverKind.Neighbours).PeakQuantile);
    }

    [Fact]
    public void A_VM_without_neighbours_and_reports_is_explained_too()
    {
        Explained e = Explain(Changed(window: (_, _) => true, features: true, neighbours: true));
        Assert.Empty(e.Neighbours);
        Assert.All(e.Parts, d => Assert.Equal(0f, e.EffectOn(d, 0), 1e-5f));
        Assert.Contains("no own report within the window", ExplanationText.Of(e), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_and_page_name_forecast_drivers_and_neighbours()
    {
        Explained e = Explain(_snapshot);
        string text = ExplanationText.Of(e), html = ExplanationReport.Of(e).ToHtml();
        Assert.Contains("What it comes from, 30 min ahead", text, StringComparison.Ordinal);
        foreach (Driver driver in e.Drivers)
        {
            Assert.Contains(driver.Name, text, StringComparison.Ordinal);
            Assert.Contains(driver.Name, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_newest_whole_snapshot_of_the_VM_up_to_then_is_found()
    {
        SnapshotSearch search = new("vm000005", _snapshot[0].StepEndUnixMs + 1);
        int offset = 0;
        Take(TestModel.Snapshot(Vms, seed: 1, chunkVms: 5));
        SnapshotChunk[] later = TestModel.Snapshot(Vms, seed: 2, chunkVms: 5), half = TestModel.Snapshot(Vms, seed: 3, chunkVms: 5)[..2];
        foreach (SnapshotChunk chunk in later) chunk.StepEndUnixMs += 300_000;
        foreach (SnapshotChunk chunk in _snapshot) chunk.Revision = 1;
        foreach (SnapshotChunk chunk in half) chunk.Revision = 2;
        Take(_snapshot);
        Take(later);
        Take(half);
        Assert.Equal(_snapshot.Select(c => (c.StepEndUnixMs, c.Revision, c.Chunk)), search.Found.Select(c => (c.StepEndUnixMs, c.Revision, c.Chunk)));
        Assert.Equal((_snapshot[0].StepEndUnixMs, later[0].StepEndUnixMs), search.Seen);

        void Take(SnapshotChunk[] chunks)
        {
            foreach (SnapshotChunk chunk in chunks)
            {
                search.Take(new StreamRecord
                {
                    Topic = Topics.GraphSnapshots.Name,
                    Partition = 0,
                    Offset = offset++,
                    TimestampUnixMs = 1,
                    Key = Encoding.UTF8.GetBytes(chunk.Cell),
                    Value = chunk.ToByteArray(),
                });
            }
        }
    }

    [Fact]
    public void A_trace_is_explained_with_what_came_and_what_is_not_in_it_is_said()
    {
        FleetTrace trace = FleetTrace.Load(new DirectoryInfo(Path.Combine(Repository.Root, "ingest", "traces", "google-2011-jobs"))) is var whole
            ? whole.Slice(0, 60, [.. Enumerable.Range(0, 20)]) : null!;
        (Scorer scorer, ModelCard card) = ModelFile.Open(Path.Combine(Repository.Root, "predictor", "models", "gnn.onnx"), threads: 1);
        using Scorer disposed = scorer;
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(trace.SlotStartUnixMs(41));
        Explained e = TraceExplanation.Of(trace, "google", scorer, card.Id, trace.Vms[3], at);
        Assert.Equal(trace.SlotStartUnixMs(41), e.StepEndUnixMs);
        Assert.Equal(trace.CpuAt(40, 3), e.Window[^1]);
        Assert.Equal(4, e.Peak!.Length);
        Assert.Contains("same time on earlier days", e.Drivers.Select(d => d.Name));
        Assert.Contains("no VM 'x'", Assert.Throws<UserException>(() => TraceExplanation.Of(trace, "google", scorer, card.Id, "x", at)).Message, StringComparison.Ordinal);
        Assert.Contains("is not within", Assert.Throws<UserException>(() => TraceExplanation.Of(trace, "google", scorer, card.Id, trace.Vms[3], at.AddDays(9))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _scorer.Dispose();

    private Explained Explain(SnapshotChunk[] snapshot) => TopicExplanation.Of(TestModel.Views(snapshot), null, _scorer, "m", $"vm{Row:D6}");

    private static void Same(float[] wanted, float[] actual)
    {
        Assert.Equal(wanted.Length, actual.Length);
        for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], actual[i], 1e-5f);
    }

    /// <summary>The same snapshot, but of the VM that is explained something is missing.</summary>
    private SnapshotChunk[] Changed(Func<int, int, bool>? window = null, bool features = false, bool neighbours = false)
    {
        SnapshotChunk[] changed = [.. _snapshot.Select(c => c.Clone())];
        SnapshotChunk part = changed[Row / 5];
        int own = Row - (int)part.FirstRow;
        part.Window = Edit<ushort>(part.Window, own * 36 * 3, 36 * 3, (i, v) => window is not null && window(i / 3, i % 3) ? BitConverter.HalfToUInt16Bits(Half.NaN) : v);
        part.Features = Edit<float>(part.Features, own * 2, 2, (_, v) => features ? float.NaN : v);
        part.Neighbours = Edit<uint>(part.Neighbours, own * 4, 4, (_, v) => neighbours ? uint.MaxValue : v);
        return changed;
    }

    private static ByteString Edit<T>(ByteString bytes, int from, int count, Func<int, T, T> edit)
        where T : unmanaged
    {
        List<T> values = [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes.Span)];
        for (int i = 0; i < count; i++) values[from + i] = edit(i, values[from + i]);
        return TestModel.Bytes(values);
    }
}
