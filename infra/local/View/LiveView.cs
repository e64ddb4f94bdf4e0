using System.Globalization;
using Spectre.Console;

namespace Pipeline.Local.View;

/// <summary>Shows a run while it goes on: a panel that redraws itself on a terminal, a line now and then elsewhere.</summary>
public sealed class LiveView(TimeProvider time)
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    /// <summary>Draws until <paramref name="done"/> completes.</summary>
    public async Task ShowAsync(Func<RunFigures> look, Task done)
    {
        if (AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected) await DrawAsync(look, done);
        else await PrintAsync(look, done);
    }

    private async Task DrawAsync(Func<RunFigures> look, Task done)
    {
        Rates rates = new();
        await AnsiConsole.Live(Panel(look(), rates)).StartAsync(async live =>
        {
            while (!done.IsCompleted)
            {
                await Task.WhenAny(done, Task.Delay(Redraw, time));
                live.UpdateTarget(Panel(look(), rates));
            }
        });
    }

    private async Task PrintAsync(Func<RunFigures> look, Task done)
    {
        while (!done.IsCompleted)
        {
            await Task.WhenAny(done, Task.Delay(LineEvery, time));
            RunFigures f = look();
            Console.WriteLine(Text($"{f.Elapsed.TotalSeconds,4:0} s  {f.EventTime:yyyy-MM-dd HH:mm}  {f.Progress,4:P0}  reports {f.Reports:N0}  steps {f.Steps:N0}  predictions {f.VmPredictions:N0}  dispatched {f.Dispatched:N0}  completed {f.Completed:N0}  points {f.Points:N0}"));
        }
    }

    private static Panel Panel(RunFigures f, Rates rates)
    {
        rates.Add(f);
        Grid grid = new Grid().AddColumn(new GridColumn().PadRight(4)).AddColumn(new GridColumn().PadRight(4)).AddColumn();
        grid.AddRow(
            Figures("Fleet", ("reports", N(f.Reports)), ("a second", N(rates.ReportsPerSecond)), ("steps", N(f.Steps)), ("snapshots", N(f.Snapshots)), ("communities", N(f.Communities))),
            Figures("Forecast", ("VM predictions", N(f.VmPredictions)), ("a second", N(rates.PredictionsPerSecond)), ("predicted free", Text($"{f.FreeShare:P0}")), ("points stored", N(f.Points)), ("dead letters", N(f.DeadLetters))),
            Figures("Functions", ("invocations", N(f.Invocations)), ("dispatched", N(f.Dispatched)), ("rejected", N(f.Rejected)), ("completed", N(f.Completed)), ("cold starts", N(f.ColdStarts))));
        return new Panel(new Rows(Bar(f), new Markup(""), grid, new Markup(""), Services(f)))
        {
            Header = new PanelHeader(" telemetry pipeline "),
            Border = BoxBorder.Rounded,
            Padding = new Padding(2, 1),
        };
    }

    private static Markup Bar(RunFigures f)
    {
        const int Width = 44;
        int full = (int)Math.Round(Math.Clamp(f.Progress, 0, 1) * Width);
        return new Markup(Text($"[bold]{f.EventTime:ddd yyyy-MM-dd HH:mm}[/]  [green]{new string('━', full)}[/][grey]{new string('━', Width - full)}[/]  {f.Progress:P0}  [grey]{f.Elapsed:m\\:ss}[/]"));
    }

    private static Table Figures(string title, params (string Name, string Value)[] figures)
    {
        Table table = new Table().NoBorder().HideHeaders().AddColumn("name").AddColumn(new TableColumn("value").RightAligned());
        table.AddRow($"[bold]{title}[/]", "");
        foreach ((string name, string value) in figures) table.AddRow($"[grey]{name}[/]", value);
        return table;
    }

    private static Markup Services(RunFigures f) =>
        new("[grey]waiting  [/]" + string.Join("   ", f.Services.Select(s => Text($"{s.Service} {s.Lag:N0}") + (s.Restarts > 0 ? Text($" [red]({s.Restarts} restarts)[/]") : ""))));

    private static string N(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Rates over the last redraws, smoothed.</summary>
    private sealed class Rates
    {
        private const double Smoothing = .2;

        private RunFigures? before;

        public double ReportsPerSecond { get; private set; }

        public double PredictionsPerSecond { get; private set; }

        public void Add(RunFigures now)
        {
            double seconds = before is null ? 0 : (now.Elapsed - before.Elapsed).TotalSeconds;
            if (seconds > 0)
            {
                ReportsPerSecond += Smoothing * (((now.Reports - before!.Reports) / seconds) - ReportsPerSecond);
                PredictionsPerSecond += Smoothing * (((now.VmPredictions - before.VmPredictions) / seconds) - PredictionsPerSecond);
            }
            before = now;
        }
    }
}
