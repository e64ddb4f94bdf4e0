using System.Globalization;
using System.Text;

namespace Pipeline.Predictor.Explanation;

/// <summary>An explanation for a terminal.</summary>
public static class ExplanationText
{
    public static string Of(Explained e)
    {
        StringBuilder text = new();
        Line($"{e.Vm} of {e.Cell} at {DateTimeOffset.FromUnixTimeMilliseconds(e.StepEndUnixMs):yyyy-MM-dd HH:mm} UTC, by {e.Model}");
        int known = Array.FindLastIndex(e.Window, v => !float.IsNaN(v));
        if (known < 0) Line($"no own report within the window of {e.Window.Length} steps");
        else Line($"newest own utilisation {e.Window[known]:F3}, {(e.Window.Length - 1 - known) * (double)e.Signature.StepMs / 60_000:0.#} min old");
        foreach (string note in e.Notes) Line($"{note}");
        Line($"");
        Line($"{"within",-8}{string.Concat(e.Signature.Levels.Select(l => $"{$"q{100 * l:0.#}",8}"))}{"P(busy)",10}{(e.Peak is null ? "" : $"{"came",8}")}");
        for (int h = 0; h < e.Signature.HorizonSteps.Count; h++)
        {
            string quantiles = string.Concat(Enumerable.Range(0, e.Signature.Levels.Count).Select(q => string.Create(CultureInfo.InvariantCulture, $"{e.Quantile(h, q),8:F3}")));
            Line($"{e.Minutes(h),4:0.#} min{quantiles}{e.Busy[h],10:F4}{(e.Peak is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{e.Peak[h],8:F3}"))}");
        }
        string median = $"q{(100 * e.Signature.Levels[0]).ToString("0.#", CultureInfo.InvariantCulture)}", highest = $"q{(100 * e.Signature.Levels[^1]).ToString("0.#", CultureInfo.InvariantCulture)}";
        Line($"");
        Line($"What it comes from, {e.Minutes(e.Horizon):0.#} min ahead: by how much each raises the forecast (the forecast less what it is without)");
        Line($"{"",-42}{median,8}{highest,8}{"P(busy)",10}");
        foreach (Driver driver in e.Parts) Line($"{driver.Name,-42}{Effects(driver)}");
        if (!e.Neighbours.Any()) return text.ToString();
        Line($"");
        Line($"{"neighbour",-26}{"weight",8}{"now",8}{median,8}{highest,8}{"P(busy)",10}");
        foreach (Driver driver in e.Neighbours) Line($"{driver.Name,-26}{driver.Weight,8:F2}{driver.Utilization,8:F3}{Effects(driver)}");
        return text.ToString();

        string Effects(Driver d) => string.Create(CultureInfo.InvariantCulture, $"{e.EffectOn(d, 0),8:+0.000;-0.000;0.000}{e.EffectOn(d, e.Signature.Levels.Count - 1),8:+0.000;-0.000;0.000}{e.EffectOnBusy(d),10:+0.0000;-0.0000;0.0000}");
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture).TrimEnd());
    }
}
