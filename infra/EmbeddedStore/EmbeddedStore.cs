using DuckDB.NET.Data;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.EmbeddedStore;

/// <summary>
/// A time-series store in one file, over DuckDB: a table per measurement, asked in SQL. Keeps the same points as InfluxDB does,
/// with the same identity. A batch is one transaction, on disk when <see cref="WriteAsync"/> returns. Safe to use from several threads.
/// </summary>
public sealed class EmbeddedStore : ITimeSeriesSink, IDisposable
{
    private readonly DuckDBConnection connection;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly Dictionary<string, StoreTable> tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool inMemory;
    private int tablesMade;

    private EmbeddedStore(DuckDBConnection connection, bool inMemory)
    {
        this.connection = connection;
        this.inMemory = inMemory;
        LoadTables();
    }

    /// <summary>Opens a file, or makes it; null: keeps everything in memory.</summary>
    /// <exception cref="UserException">The file is no store, or another process has it open.</exception>
    public static EmbeddedStore Open(FileInfo? file)
    {
        file?.Directory?.Create();
        DuckDBConnection connection = new($"Data Source={file?.FullName ?? ":memory:"}");
        try
        {
            connection.Open();
        }
        catch (DuckDBException e)
        {
            connection.Dispose();
            throw new UserException($"the store {file} cannot be opened (one process at a time may have it open): {e.Message}", e);
        }
        return new EmbeddedStore(connection, inMemory: file is null);
    }

    /// <summary>Names of the tables, sorted.</summary>
    public IReadOnlyList<string> Measurements => [.. Query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT temporary ORDER BY ALL").Select(r => (string)r[0]!)];

    /// <inheritdoc/>
    public async Task<WriteResult> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            return Write(points);
        }
        catch (DuckDBException e)
        {
            // The transaction is undone: what the tables look like is only known once it is read.
            LoadTables();
            throw new SinkException($"the embedded store did not take {points.Count} points: {e.Message}", refused: false, e);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Asks an SQL question of DuckDB (https://duckdb.org/docs/stable/sql/introduction); tables are measurements.</summary>
    /// <exception cref="DuckDBException">The question is wrong.</exception>
    public IReadOnlyList<StoreRow> Query(string sql)
    {
        // A connection of its own: readers see the last committed batch and hold nobody up.
        using DuckDBConnection reading = inMemory ? connection.Duplicate() : new DuckDBConnection(connection.ConnectionString);
        reading.Open();
        using DuckDBCommand command = reading.CreateCommand();
        command.CommandText = sql;
        using DuckDBDataReader reader = command.ExecuteReader();
        string[] columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        List<StoreRow> rows = [];
        while (reader.Read()) rows.Add(new StoreRow(columns, [.. Enumerable.Range(0, columns.Length).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]));
        return rows;
    }

    /// <summary>Points of one measurement, or of all.</summary>
    public long CountPoints(string? measurement = null) =>
        Measurements.Where(m => measurement is null || m == measurement).Sum(m => (long)Query($"SELECT count(*) FROM {StoreColumn.Quote(m)}")[0][0]!);

    public void Dispose()
    {
        connection.Dispose();
        writing.Dispose();
    }

    private void LoadTables()
    {
        tables.Clear();
        foreach (string measurement in Measurements) tables[measurement] = new StoreTable(connection, measurement, tablesMade++);
    }

    private WriteResult Write(IReadOnlyList<Point> points)
    {
        using DuckDBTransaction transaction = connection.BeginTransaction();
        List<RejectedPoint> rejected = [];
        HashSet<StoreTable> touched = [];
        for (int i = 0; i < points.Count; i++)
        {
            if (Take(points[i], touched) is { } reason) rejected.Add(new RejectedPoint(i, points[i], reason));
        }
        int dropped = 0;
        foreach (StoreTable table in touched) dropped += table.Flush();
        transaction.Commit();
        return new WriteResult(points.Count - rejected.Count, rejected, dropped);
    }

    private string? Take(Point point, HashSet<StoreTable> touched)
    {
        if (point.Measurement.Length == 0) return "the measurement has no name";
        if (!tables.TryGetValue(point.Measurement, out StoreTable? table))
            tables[point.Measurement] = table = new StoreTable(connection, point.Measurement, tablesMade++);
        if (table.Measurement != point.Measurement) return $"measurements '{point.Measurement}' and '{table.Measurement}' differ in case only";
        touched.Add(table);
        return table.Take(point);
    }
}
