using System.Globalization;
using DuckDB.NET.Data;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.EmbeddedStore;

/// <summary>
/// The table of one measurement: <c>time TIMESTAMP_NS</c>, and a column for each tag and field seen so far. Points are
/// appended to a staging table in memory and merged from there by tags and time: what is there is updated, the rest inserted.
/// </summary>
internal sealed class StoreTable
{
    private readonly DuckDBConnection connection;
    private readonly TableLayout layout;
    private readonly string table;
    private readonly string stage;
    private readonly List<Point> pending = [];
    private readonly Field?[] row = new Field?[TableLayout.ColumnsMax];
    private int stagedVersion = -1;
    private int tableColumns;

    /// <summary>Opens the measurement's table, or makes it.</summary>
    /// <param name="number">Tells the staging tables apart.</param>
    public StoreTable(DuckDBConnection connection, string measurement, int number)
    {
        this.connection = connection;
        layout = new TableLayout(measurement);
        table = "main." + StoreColumn.Quote(measurement);
        stage = "stage_" + number.ToString(CultureInfo.InvariantCulture);
        Run($"CREATE TABLE IF NOT EXISTS {table} ({TableLayout.TimeColumn} TIMESTAMP_NS NOT NULL)");
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT name, type, \"notnull\" FROM pragma_table_info('{table.Replace("'", "''", StringComparison.Ordinal)}') ORDER BY cid OFFSET 1";
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read()) layout.Add(new StoreColumn(reader.GetString(0), StoreColumn.KindOf(reader.GetString(1), nullable: !reader.GetBoolean(2))));
        tableColumns = layout.Columns.Count;
    }

    public string Measurement => layout.Measurement;

    /// <summary>Takes a point for the next <see cref="Flush"/>; says why where the table cannot hold it.</summary>
    public string? Take(Point point)
    {
        string? wrong = layout.Admit(point);
        if (wrong is null) pending.Add(point);
        return wrong;
    }

    /// <summary>Writes the points taken; the caller holds the transaction.</summary>
    /// <returns>Fields left out because they hold no number.</returns>
    public int Flush()
    {
        if (pending.Count == 0) return 0;
        if (stagedVersion != layout.Version) ChangeTables();
        int dropped = Append();
        Merge();
        Run($"DELETE FROM temp.{stage}");
        pending.Clear();
        return dropped;
    }

    private void ChangeTables()
    {
        for (int i = 0; i < layout.Columns.Count; i++)
        {
            StoreColumn column = layout.Columns[i];
            if (i >= tableColumns) Run($"ALTER TABLE {table} ADD COLUMN {(column.Kind == ColumnKind.Tag ? $"{column.Quoted} VARCHAR DEFAULT ''" : column.Declaration)}");
            if (i >= tableColumns && column.Kind == ColumnKind.Tag) Run($"ALTER TABLE {table} ALTER COLUMN {column.Quoted} SET NOT NULL");
            else if (i < tableColumns && column.Kind == ColumnKind.Float) Run($"ALTER TABLE {table} ALTER COLUMN {column.Quoted} TYPE DOUBLE");
        }
        tableColumns = layout.Columns.Count;
        Run($"CREATE OR REPLACE TEMP TABLE {stage} (seq INTEGER, {TableLayout.TimeColumn} BIGINT, {string.Join(", ", layout.Columns.Select(c => c.Declaration))})");
        stagedVersion = layout.Version;
    }

    private int Append()
    {
        int dropped = 0, seq = 0;
        using DuckDBAppender appender = connection.CreateAppender("temp", "main", stage);
        foreach (Point point in pending)
        {
            dropped += Spread(point);
            IDuckDBAppenderRow line = appender.CreateRow();
            line.AppendValue(seq++).AppendValue(point.TimeUnixNs);
            for (int i = 0; i < layout.Columns.Count; i++) Append(line, layout.Columns[i].Kind, row[i]);
            line.EndRow();
        }
        return dropped;
    }

    /// <summary>Lays a point's values out in the order of the columns.</summary>
    private int Spread(Point point)
    {
        int dropped = 0;
        Array.Clear(row, 0, layout.Columns.Count);
        foreach (Tag tag in point.Tags)
            if (tag.Value.Length > 0) row[layout.PlaceOf(tag.Key)] = new Field(tag.Key, tag.Value);
        foreach (Field field in point.Fields)
        {
            if (field.IsStorable) row[layout.PlaceOf(field.Key)] = field;
            else dropped++;
        }
        return dropped;
    }

    private static void Append(IDuckDBAppenderRow line, ColumnKind kind, in Field? value)
    {
        if (value is not { } field)
        {
            if (kind == ColumnKind.Tag) line.AppendValue("");
            else line.AppendNullValue();
            return;
        }
        switch (kind)
        {
            case ColumnKind.Float: line.AppendValue(field.Kind == FieldKind.Integer ? field.AsInteger : field.AsFloat); break;
            case ColumnKind.Integer: line.AppendValue(field.AsInteger); break;
            case ColumnKind.Unsigned: line.AppendValue(field.AsUnsigned); break;
            case ColumnKind.Boolean: line.AppendValue(field.AsBoolean); break;
            default: line.AppendValue(field.Text); break;
        }
    }

    /// <summary>
    /// Of points with the same identity within the batch the last value of each field counts. Only row groups whose times
    /// overlap the batch's are looked at, so the cost does not grow with the table.
    /// </summary>
    private void Merge()
    {
        string keys = string.Join(", ", layout.Columns.Where(c => c.Kind == ColumnKind.Tag).Select(c => c.Quoted).Prepend(TableLayout.TimeColumn));
        StoreColumn[] fields = [.. layout.Columns.Where(c => c.Kind != ColumnKind.Tag)];
        string all = string.Join(", ", layout.Columns.Select(c => c.Kind == ColumnKind.Tag ? c.Quoted : $"arg_max({c.Quoted}, seq) AS {c.Quoted}"));
        string same = string.Join(" AND ", layout.Columns.Where(c => c.Kind == ColumnKind.Tag).Select(c => $"t.{c.Quoted} = s.{c.Quoted}").Prepend($"t.{TableLayout.TimeColumn} = s.{TableLayout.TimeColumn}"));
        string during = string.Create(CultureInfo.InvariantCulture, $"t.{TableLayout.TimeColumn} BETWEEN make_timestamp_ns({pending.Min(p => p.TimeUnixNs)}) AND make_timestamp_ns({pending.Max(p => p.TimeUnixNs)})");
        Run($"CREATE OR REPLACE TEMP TABLE fresh AS SELECT make_timestamp_ns(s.{TableLayout.TimeColumn}) AS {TableLayout.TimeColumn}, {all} FROM temp.{stage} s GROUP BY ALL");
        int updated = Run($"UPDATE {table} AS t SET {string.Join(", ", fields.Select(c => $"{c.Quoted} = coalesce(s.{c.Quoted}, t.{c.Quoted})"))} FROM temp.fresh s WHERE {during} AND {same}");
        string without = updated == 0 ? "" : $"WHERE NOT EXISTS (FROM {table} t WHERE {during} AND {same})";
        Run($"INSERT INTO {table} BY NAME SELECT * FROM temp.fresh s {without}");
    }

    private int Run(string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }
}
