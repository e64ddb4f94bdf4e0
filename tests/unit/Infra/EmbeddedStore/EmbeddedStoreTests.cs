using CsCheck;
using Pipeline.Infra.EmbeddedStore;
using Pipeline.Infra.TimeSeries;
using Store = Pipeline.Infra.EmbeddedStore.EmbeddedStore;

namespace Pipeline.Tests.Unit.Infra.EmbeddedStore;

public sealed class EmbeddedStoreTests : IDisposable
{
    private const long Start = 1_795_411_000_000_000_000;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-store-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Points_become_rows_of_a_table_per_measurement()
    {
        using Store store = Store.Open(null);
        WriteResult result = await store.WriteAsync(
        [
            new Point("cpu", [new Tag("vm", "a")], [new Field("usage", 0.5), new Field("reports", 3), new Field("ok", true), new Field("note", "it's \"fine\""), new Field("big", ulong.MaxValue)], Start),
            new Point("other", [], [new Field("n", 1)], Start),
        ], CancellationToken.None);
        Assert.Equal((2, 0, 0), (result.Stored, result.Rejected.Count, result.FieldsDropped));
        Assert.Equal(["cpu", "other"], store.Measurements);
        StoreRow row = Assert.Single(store.Query("SELECT vm, usage, reports, ok, note, big, epoch_ns(time) AS ns FROM cpu"));
        Assert.Equal([("a"), 0.5, 3L, true, "it's \"fine\"", ulong.MaxValue, Start], Enumerable.Range(0, 7).Select(i => row[i]));
        Assert.Equal(0.5, row["usage"]);
        Assert.Equal((1L, 2L), (store.CountPoints("cpu"), store.CountPoints()));
    }

    [Fact]
    public async Task Hours_can_be_asked_for()
    {
        using Store store = Store.Open(null);
        await store.WriteAsync([.. Enumerable.Range(0, 24).Select(i => new Point("m", [], [new Field("v", i)], Start + (i * 600_000_000_000L)))], CancellationToken.None);
        Assert.Equal(5, store.Query("SELECT date_trunc('hour', time) AS hour, avg(v) FROM m GROUP BY hour ORDER BY hour").Count);
    }

    [Fact]
    public async Task A_repeat_changes_nothing_and_a_revision_overwrites_the_fields_it_names()
    {
        using Store store = Store.Open(null);
        Point[] points = [.. Enumerable.Range(0, 100).Select(i => new Point("m", [new Tag("vm", "vm-" + (i % 10))], [new Field("a", i), new Field("b", i * 2)], Start + (i / 10)))];
        await store.WriteAsync(points, CancellationToken.None);
        await store.WriteAsync(points, CancellationToken.None);
        Assert.Equal(100, store.CountPoints());

        await store.WriteAsync([new Point("m", [new Tag("vm", "vm-3")], [new Field("a", -1), new Field("c", 7)], Start), points[3] with { Tags = [new Tag("vm", "new")] }], CancellationToken.None);
        Assert.Equal(101, store.CountPoints());
        StoreRow row = Assert.Single(store.Query("SELECT a, b, c FROM m WHERE vm = 'vm-3' AND c IS NOT NULL"));
        Assert.Equal([-1L, 6L, 7L], [row[0], row[1], row[2]]);
    }

    [Fact]
    public async Task The_last_value_within_a_batch_counts()
    {
        using Store store = Store.Open(null);
        await store.WriteAsync([new Point("m", [], [new Field("a", 1), new Field("b", 5)], Start), new Point("m", [], [new Field("a", 2)], Start)], CancellationToken.None);
        StoreRow row = Assert.Single(store.Query("SELECT a, b FROM m"));
        Assert.Equal([2L, 5L], [row[0], row[1]]);
    }

    [Fact]
    public async Task Tables_widen_and_are_known_again_after_a_restart()
    {
        FileInfo file = new(Path.Combine(folder.FullName, "sub", "store.duckdb"));
        using (Store store = Store.Open(file))
        {
            await store.WriteAsync([new Point("m", [new Tag("vm", "a")], [new Field("v", 1)], Start)], CancellationToken.None);
            await store.WriteAsync([new Point("m", [new Tag("vm", "a"), new Tag("cell", "x")], [new Field("v", 1.5)], Start)], CancellationToken.None);
        }
        using (Store store = Store.Open(file))
        {
            await store.WriteAsync([new Point("m", [new Tag("vm", "a")], [new Field("v", 2)], Start), new Point("m", [new Tag("cell", "x"), new Tag("vm", "a")], [new Field("w", true)], Start)], CancellationToken.None);
            Assert.Equal([("", 2.0, null), ("x", 1.5, true)], store.Query("SELECT cell, v, w FROM m ORDER BY cell").Select(r => ((string)r[0]!, (double)r[1]!, (bool?)r[2])));
        }
    }

    [Fact]
    public async Task What_cannot_be_held_is_rejected_with_a_reason_and_the_rest_is_stored()
    {
        using Store store = Store.Open(null);
        WriteResult result = await store.WriteAsync(
        [
            new Point("m", [new Tag("vm", "a")], [new Field("v", 1.0), new Field("lost", double.NaN)], Start),
            new Point("m", [], [new Field("v", "text")], Start),
            new Point("m", [], [new Field("vm", 1)], Start),
            new Point("m", [], [new Field("V", 1.0)], Start),
            new Point("m", [], [new Field("time", 1.0)], Start),
            new Point("m", [], [new Field("v", double.PositiveInfinity)], Start),
            new Point("M", [], [new Field("v", 1.0)], Start),
            new Point("", [], [new Field("v", 1.0)], Start),
        ], CancellationToken.None);
        Assert.Equal((1, 1), (result.Stored, result.FieldsDropped));
        Assert.Equal(
        [
            (1, "'v' is text here, and float in measurement 'm'"),
            (2, "'vm' is integer here, and tag in measurement 'm'"),
            (3, "'V' and 'v' differ in case only"),
            (4, "'time' is reserved"),
            (5, "no field holds a number, or there is no field"),
            (6, "measurements 'M' and 'm' differ in case only"),
            (7, "the measurement has no name"),
        ], result.Rejected.Select(r => (r.Index, r.Reason)));
        Assert.Equal(1, store.CountPoints());
    }

    [Fact]
    public void Any_sequence_of_batches_leaves_what_a_dictionary_would_hold()
    {
        Gen<Point> point = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 1000], (time, vm, field, value) =>
            new Point("m", vm == 3 ? [] : [new Tag("vm", "vm" + vm)], [new Field("f" + field, value)], Start + time));
        point.Array[0, 30].Array[1, 6].Sample(batches =>
        {
            using Store store = Store.Open(null);
            Dictionary<(string, long, string), long> expected = [];
            foreach (Point[] batch in batches)
            {
                store.WriteAsync(batch, CancellationToken.None).GetAwaiter().GetResult();
                foreach (Point p in batch) expected[(p.Tags.Length == 0 ? "" : p.Tags[0].Value, p.TimeUnixNs, p.Fields[0].Key)] = p.Fields[0].AsInteger;
            }
            if (expected.Count == 0) return;
            Dictionary<(string, long, string), long> held = [];
            foreach (StoreRow row in store.Query("SELECT *, epoch_ns(time) AS ns FROM m"))
            {
                string vm = row.Columns.Contains("vm") ? (string)row["vm"]! : "";
                foreach (string field in row.Columns.Where(c => c.StartsWith('f') && row[c] is not null)) held.Add((vm, (long)row["ns"]!, field), (long)row[field]!);
            }
            Assert.Equal(expected.OrderBy(e => e.Key), held.OrderBy(e => e.Key));
        }, iter: 40, seed: "0000KUz8lNp4");
    }
}
