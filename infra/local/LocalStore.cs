using Pipeline.Infra.CommandLine;
using Pipeline.Infra.EmbeddedStore;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;
using Pipeline.Processors.Store;

namespace Pipeline.Local;

/// <summary>Where the points of a run go: an InfluxDB that was named, or else an embedded store of its own.</summary>
public sealed class LocalStore : IDisposable
{
    private readonly EmbeddedStore? embedded;
    private readonly InfluxClient? influx;
    private long before;

    private LocalStore(EmbeddedStore? embedded, InfluxClient? influx) => (this.embedded, this.influx) = (embedded, influx);

    public ITimeSeriesSink Sink => (ITimeSeriesSink?)influx ?? embedded!;

    /// <summary>The embedded store of a run, in the run's folder.</summary>
    public static FileInfo FileIn(DirectoryInfo folder) => new(Path.Combine(folder.FullName, "telemetry.duckdb"));

    /// <summary>Opens the InfluxDB, or makes a new embedded store.</summary>
    /// <param name="influx">The InfluxDB; null: none was named.</param>
    /// <param name="file">Where the embedded store goes; what a run before left there is thrown away.</param>
    /// <param name="cancel">Ends the waiting for the InfluxDB.</param>
    /// <exception cref="UserException">The file is in use, or its folder cannot be made.</exception>
    public static async Task<LocalStore> OpenAsync(InfluxClient? influx, FileInfo file, CancellationToken cancel)
    {
        if (influx is null)
        {
            MakeFolder(file.Directory!);
            foreach (string old in new[] { file.FullName, file.FullName + ".wal" }) Remove(old);
            return new LocalStore(EmbeddedStore.Open(file), null);
        }
        LocalStore store = new(null, influx);
        store.before = await store.CountAsync(cancel);
        return store;
    }

    /// <summary>Points of records that the store holds now, less those that it held when it was opened.</summary>
    public async Task<long> CountAsync(CancellationToken cancel) =>
        embedded is not null ? PointMapper.CountedField.Keys.Sum(m => embedded.CountPoints(m)) : await CountAsync(influx!, cancel) - before;

    /// <summary>Points in an InfluxDB.</summary>
    public static async Task<long> CountAsync(InfluxClient influx, CancellationToken cancel)
    {
        long count = 0;
        foreach ((string measurement, string field) in PointMapper.CountedField)
        {
            await foreach (InfluxRow row in influx.QueryAsync($"SELECT COUNT(\"{field}\") AS points FROM \"{measurement}\"", cancel))
                count += row.Integer("points") ?? 0;
        }
        return count;
    }

    public void Dispose()
    {
        embedded?.Dispose();
        influx?.Dispose();
    }

    private static void MakeFolder(DirectoryInfo folder)
    {
        try
        {
            folder.Create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"the folder {folder} cannot be made: give another --out ({e.Message})", e);
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{file} is in use: end the run that has it open, or give another --out ({e.Message})", e);
        }
    }
}
