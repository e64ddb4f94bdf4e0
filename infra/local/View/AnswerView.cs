using System.Globalization;
using Spectre.Console;

namespace Pipeline.Local.View;

/// <summary>Prints the answer to a question as a table.</summary>
internal static class AnswerView
{
    private const int RowsMax = 1000;

    public static void Print((IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows) answer)
    {
        (IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows) = answer;
        if (rows.Count == 0)
        {
            Console.WriteLine("no rows");
            return;
        }
        Table table = new Table().Border(TableBorder.Rounded);
        for (int i = 0; i < columns.Count; i++)
        {
            TableColumn column = new(new Text(columns[i]));
            table.AddColumn(rows[0].ElementAtOrDefault(i) is IFormattable and not DateTime ? column.RightAligned() : column);
        }
        foreach (object?[] row in rows.Take(RowsMax)) table.AddRow(row.Select(v => new Text(Shown(v))));
        AnsiConsole.Write(table);
        if (rows.Count > RowsMax) Console.WriteLine($"and {rows.Count - RowsMax} rows more: ask for fewer");
    }

    private static string Shown(object? value) => value switch
    {
        null => "",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
