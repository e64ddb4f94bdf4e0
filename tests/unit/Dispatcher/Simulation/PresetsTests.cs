using System.Globalization;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Simulation;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

public sealed class PresetsTests
{
    private const string Ours = ExpectedCompletionTimePolicy.PolicyName;

    [Fact]
    public void Every_preset_runs_the_baseline_and_the_oracle_beside_what_it_is_about() => Assert.All(Presets.Names, name =>
    {
        IReadOnlyList<Experiment> experiments = Presets.Of(name).Experiments(new Experiment());
        Assert.NotEmpty(experiments);
        Assert.Equal(experiments.Count, experiments.Select(e => (e.Variant, e.Options.Load, e.Options.StaleMinutes)).Distinct().Count());
        Assert.All(experiments, e =>
        {
            Assert.Contains(Ours, e.Policies);
            Assert.Contains(Signal.None, e.Signals.Select(s => s.Name));
            Assert.Contains(Signal.Oracle, e.Signals.Select(s => s.Name));
        });
    });

    [Fact]
    public void Marks_of_staleness_are_the_headroom_recovered_and_that_feedback_alone_is_not_better()
    {
        List<SimulationRun> runs = [];
        foreach ((double load, int stale) in ((double, int)[])[(.7, 0), (.85, 0), (.7, 60), (.85, 60)])
            runs.AddRange([Run("none", 10, load, stale), Run("oracle", 8, load, stale), Run("none+feedback", 8.4, load, stale), Run("network+feedback", load == .7 ? 8.1 : 8.5, load, stale)]);
        IReadOnlyList<Mark> marks = Presets.Of("staleness").Marks(runs);
        Assert.Equal([true, false, true, false], marks.Take(4).Select(m => m.Passed));
        Assert.Equal([.95, .75, .95, .75], marks.Take(4).Select(m => Math.Round(m.Measured, 9)));
        Assert.Equal([true, false, true, false], marks.Skip(4).Select(m => m.Passed));
        string page = SimulationPage.Of(runs, marks, Presets.Of("staleness")).ToHtml();
        Assert.Contains("missed", page);
        Assert.Contains("Headroom recovered", page);
        StringWriter text = new(CultureInfo.InvariantCulture);
        SimulationText.Print(runs, marks, text);
        Assert.Contains("MISSED  load 0.85, own reports 0 min old: headroom of the mean response recovered: 0.75 (wanted at least 0.85)", text.ToString());
    }

    [Fact]
    public void An_unknown_preset_is_refused_with_the_ones_there_are() =>
        Assert.Contains("shoot-out", Assert.Throws<ArgumentException>(() => Presets.Of("all")).Message);

    private static SimulationRun Run(string signal, double mean, double load, int stale) => new(Ours, signal, load, 1, TestMeasures.Of(mean, windows: 2), stale);
}
