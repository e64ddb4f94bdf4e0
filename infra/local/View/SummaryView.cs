using System.Globalization;
using Pipeline.Local.Audit;
using Spectre.Console;

namespace Pipeline.Local.View;

/// <summary>Prints the sum of a run.</summary>
internal static class SummaryView
{
    public static void Print(Summary s, FileInfo report)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("what").AddColumn(new TableColumn("count").RightAligned()).AddColumn("what").AddColumn(new TableColumn("count").RightAligned());
        table.HideHeaders();
        Row("reports sent", s.ReportsSent, "invocations", s.Invocations);
        Row("reports counted", s.ReportsCounted, "dispatched", s.Dispatched);
        Row("late", s.Late, "rejected", s.Rejected);
        Row("dead letters", s.DeadLetters, "completed", s.Completed);
        Row("steps", s.Steps, "cold starts", s.ColdStarts);
        Row("snapshots", s.Snapshots, "points sent", s.PointsSent);
        Row("VM predictions", s.VmPredictions, "points stored", s.PointsStored);
        Row("communities", s.Communities, "seconds", s.Seconds);
        AnsiConsole.Write(table);
        bool clean = s.Lost == 0 && s.Duplicated == 0;
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[{(clean ? "green" : "red")}]lost {s.Lost:N0}, duplicated {s.Duplicated:N0}[/] (found by reading all topics back)");
        string path = Path.GetRelativePath(Environment.CurrentDirectory, report.FullName);
        Console.WriteLine($"report: {(path.StartsWith("..", StringComparison.Ordinal) ? report.FullName : path)}");

        void Row(string a, double x, string b, double y) => table.AddRow(a, N(x), b, N(y));
    }

    private static string N(double value) => value.ToString("#,0.#", CultureInfo.InvariantCulture);
}
