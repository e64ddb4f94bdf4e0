using System.Globalization;
using System.Text.Json;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>Points of <c>model.skill</c>.</summary>
internal static class SkillPoints
{
    private const long NsPerMs = 1_000_000;

    public static void Add(List<Point> points, ModelSkill skill)
    {
        long time = skill.StepEndUnixMs * NsPerMs;
        Tag[] who = [new("cell", skill.Cell), new("model", skill.Model), new("role", skill.Shadow ? "shadow" : "served")];
        foreach (SkillCell c in skill.Cells)
        {
            if (c.Cases <= 0) continue;
            List<Field> fields =
            [
                new("cases", c.Cases), new("demoted", skill.Demoted ? 1L : 0L),
                new("pinball", c.Pinball / c.Cases), new("pinball_last", c.PinballLast / c.Cases), new("pinball_mean_1h", c.PinballMean1H / c.Cases),
                new("brier", c.Brier / c.Cases), new("brier_last", c.BrierLast / c.Cases), new("brier_mean_1h", c.BrierMean1H / c.Cases),
                new("busy_rate", c.Busy / c.Cases), new("calibration_error", CalibrationError(c)),
            ];
            for (int l = 0; l < c.Covered.Count; l++) fields.Add(new Field($"covered_{Text(100 * skill.Level[l])}", c.Covered[l] / c.Cases));
            points.Add(new Point("model_skill", [.. who, new("horizon", $"{Text(c.HorizonS / 60.0)}m"), new("age", c.AgeS == uint.MaxValue ? "older" : $"{Text(c.AgeS / 60.0)}m")], [.. fields], time));
        }
        for (int i = 0; i < skill.Events.Count; i++)
        {
            ModelEvent e = skill.Events[i];
            // Several features may drift at one step: their place in the list tells them apart.
            points.Add(new Point(
                "model_event",
                [.. who, new("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(e.Kind.ToString()))],
                [new("value", e.Value), new("reference", e.Reference), new("feature", e.Feature), new("text", e.Text)],
                time + i));
        }
    }

    /// <summary>Mean distance of probability and frequency over the bins.</summary>
    private static double CalibrationError(SkillCell c)
    {
        double error = 0;
        for (int b = 0; b < c.BinCases.Count; b++) error += Math.Abs(c.BinProbability[b] - c.BinBusy[b]);
        return error / c.Cases;
    }

    private static string Text(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
