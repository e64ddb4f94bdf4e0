using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Skill;

/// <summary>Live skill as metrics of the meter "Pipeline.Predictor", and its events as lines of the log.</summary>
internal static class SkillMetrics
{
    private static readonly Meter Meter = new("Pipeline.Predictor");
    private static readonly ConcurrentDictionary<(string Cell, string Model), ModelSkill> Newest = new();
    private static readonly Counter<long> Events = Meter.CreateCounter<long>("model.events", "{event}", "demotions and drifts of models, by kind");

    static SkillMetrics()
    {
        Gauge("model.cases", "cases that live skill is told from; older ones count less", t => t.Cases);
        Gauge("model.pinball", "mean pinball loss of forecasts of the peak, shares of a VM's cores", t => t.Pinball / t.Cases);
        Gauge("model.pinball_simple", "the same of the better of last value and mean of an hour", t => t.PinballSimple / t.Cases);
        Gauge("model.brier", "mean squared error of the probability of becoming busy", t => t.Brier / t.Cases);
        Gauge("model.brier_simple", "the same of the better simple signal", t => t.BrierSimple / t.Cases);
        Meter.CreateObservableGauge("model.demoted", () => Newest.Values.Select(s => new Measurement<int>(s.Demoted ? 1 : 0, Tags(s))), "{model}", "1: the simple signals do better");
    }

    /// <summary>A record of skill was made.</summary>
    public static void Tell(ModelSkill skill, ILogger log)
    {
        Newest[(skill.Cell, skill.Model)] = skill.Clone();
        foreach (ModelEvent e in skill.Events)
        {
            Events.Add(1, new("kind", e.Kind.ToString()), new("role", Role(skill)), new("model", skill.Model));
            bool bad = e.Kind is ModelEvent.Types.Kind.Demoted or ModelEvent.Types.Kind.FeatureDrift or ModelEvent.Types.Kind.SkillDrift;
            log.Log(bad ? LogLevel.Warning : LogLevel.Information, "{Role} {Model} on {Cell}: {Event}", Role(skill), skill.Model, skill.Cell, e.Text);
        }
    }

    private static void Gauge(string name, string description, Func<SkillTotals, double> value) => Meter.CreateObservableGauge(
        name, () => Newest.Values.Select(s => (Skill: s, Total: SkillTotals.Of(s))).Where(s => s.Total.Cases > 0).Select(s => new Measurement<double>(value(s.Total), Tags(s.Skill))), null, description);

    private static KeyValuePair<string, object?>[] Tags(ModelSkill skill) => [new("cell", skill.Cell), new("model", skill.Model), new("role", Role(skill))];

    private static string Role(ModelSkill skill) => skill.Shadow ? "shadow" : "served";
}
