using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.EmbeddedStore;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;
using Pipeline.Local.View;
using Pipeline.Processors.Store;

namespace Pipeline.Local;

/// <summary>The verb <c>query</c>: one question to what a run has stored, its answer as a table.</summary>
internal static class QueryCommand
{
    public static Command Create()
    {
        Argument<string> question = new("QUESTION") { Description = "SQL for the embedded store (tables are measurements), InfluxQL where --influx is given" };
        Option<DirectoryInfo> output = new("--out") { Description = "Folder with the embedded store of a run", HelpName = "DIR", DefaultValueFactory = _ => new DirectoryInfo("out") };
        StoreOptions influx = new();
        Command command = new("query", "Asks the embedded store of the last run, or an InfluxDB, and prints the answer as a table.") { question, output };
        influx.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using ILoggerFactory log = Log.ToConsole(LogLevel.Warning);
            using InfluxClient? client = await influx.OpenAsync(parsed, log, TimeProvider.System, cancel);
            string text = parsed.GetValue(question)!;
            AnswerView.Print(client is null ? Ask(LocalStore.FileIn(parsed.GetValue(output)!), text) : await AskAsync(client, text, cancel));
        });
        return command;
    }

    /// <summary>Columns and rows of an SQL answer.</summary>
    /// <exception cref="UserException">There is no store, or the question is wrong.</exception>
    private static (IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows) Ask(FileInfo file, string sql)
    {
        if (!file.Exists) throw new UserException($"there is no store {file}: run the pipeline first, or name the folder of another run with --out");
        using EmbeddedStore store = EmbeddedStore.Open(file);
        try
        {
            IReadOnlyList<StoreRow> rows = store.Query(sql);
            return (rows is [{ } first, ..] ? first.Columns : [], [.. rows.Select(r => Enumerable.Range(0, r.Columns.Count).Select(i => r[i]).ToArray())]);
        }
        catch (System.Data.Common.DbException e)
        {
            throw new UserException($"the store did not understand the question: {e.Message}", e);
        }
    }

    /// <summary>Columns and rows of an InfluxQL answer: the tags of GROUP BY first, then time and values.</summary>
    private static async Task<(IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows)> AskAsync(InfluxClient client, string influxQl, CancellationToken cancel)
    {
        string[] columns = [];
        List<object?[]> rows = [];
        try
        {
            await foreach (InfluxRow row in client.QueryAsync(influxQl, cancel))
            {
                InfluxSeries series = row.Series;
                if (columns.Length == 0) columns = [.. series.Tags.Keys, .. series.Columns];
                rows.Add([.. series.Tags.Values, .. series.Columns.Select(c => c == "time" ? Time(row.TimeUnixNs) : row.Value(c))]);
            }
        }
        catch (Exception e) when (e is InfluxQueryException or SinkException)
        {
            throw new UserException(e.Message, e);
        }
        return (columns, rows);
    }

    private static string Time(long unixNs) => DateTimeOffset.UnixEpoch.AddTicks(unixNs / 100).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
