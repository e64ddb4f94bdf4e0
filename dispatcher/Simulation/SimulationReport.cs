using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// Writes <c>simulation.json</c>: <c>{"runs": [{"policy", "signal", "load", "stale_minutes", "seed", "variant", measures}], "headroom": [...],
/// "marks": [...]}</c>, marks only of a preset.
/// </summary>
public static class SimulationReport
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };
    private static readonly JsonSerializerOptions Line = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Of(IReadOnlyList<SimulationRun> runs, IReadOnlyList<Mark>? marks = null)
    {
        JsonObject report = new()
        {
            ["runs"] = new JsonArray([.. runs.Select(Run)]),
            ["headroom"] = JsonSerializer.SerializeToNode(Headroom.Of(runs), Json),
        };
        if (marks is not null) report["marks"] = JsonSerializer.SerializeToNode(marks, Json);
        return report.ToJsonString(Json) + "\n";
    }

    /// <summary>
    /// Writes <c>summary.json</c>, small enough to be kept: <c>{"means": [{"variant", "load", "stale_minutes", "policy", "signal", "seeds", measures}],
    /// "headroom", "marks"}</c>, measures as means over seeds (counts too), to six digits.
    /// </summary>
    public static string Summary(IReadOnlyList<SimulationRun> runs, IReadOnlyList<Mark>? marks = null)
    {
        JsonArray means = [];
        foreach (IGrouping<(string, double, int, string, string), SimulationRun> same in runs.GroupBy(r => (r.Variant, r.Load, r.StaleMinutes, r.Policy, r.Signal)))
        {
            SimulationRun first = same.First();
            JsonObject node = new() { ["variant"] = first.Variant, ["load"] = first.Load, ["stale_minutes"] = first.StaleMinutes, ["policy"] = first.Policy, ["signal"] = first.Signal, ["seeds"] = same.Count() };
            foreach (IGrouping<string, double> measure in same.SelectMany(r => JsonSerializer.SerializeToNode(r.Measures, Json)!.AsObject()).GroupBy(m => m.Key, m => m.Value!.GetValue<double>()))
                node[measure.Key] = Rounded(measure.Average());
            means.Add(node);
        }
        JsonNode headroom = JsonSerializer.SerializeToNode(Headroom.Of(runs), Json)!;
        foreach (JsonObject of in headroom.AsArray().Select(h => h!.AsObject()))
            foreach (string key in of.Where(p => p.Value?.GetValueKind() == JsonValueKind.Number).Select(p => p.Key).ToList()) of[key] = Rounded(of[key]!.GetValue<double>());
        JsonObject report = new() { ["means"] = means, ["headroom"] = headroom };
        if (marks is not null) report["marks"] = JsonSerializer.SerializeToNode(marks, Json);
        // A line for each entry: a change shows as what it is.
        return "{\n" + string.Join(",\n", report.Select(part => $"\"{part.Key}\": [\n{string.Join(",\n", part.Value!.AsArray().Select(e => e!.ToJsonString(Line)))}\n]")) + "\n}\n";
    }

    private static double Rounded(double value) => value == 0 || !double.IsFinite(value) ? value : double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static JsonObject Run(SimulationRun run)
    {
        JsonObject node = new() { ["policy"] = run.Policy, ["signal"] = run.Signal, ["load"] = run.Load, ["stale_minutes"] = run.StaleMinutes, ["seed"] = run.Seed, ["variant"] = run.Variant };
        foreach ((string name, JsonNode? value) in JsonSerializer.SerializeToNode(run.Measures, Json)!.AsObject()) node[name] = value?.DeepClone();
        return node;
    }
}
