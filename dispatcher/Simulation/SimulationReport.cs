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

    private static JsonObject Run(SimulationRun run)
    {
        JsonObject node = new() { ["policy"] = run.Policy, ["signal"] = run.Signal, ["load"] = run.Load, ["stale_minutes"] = run.StaleMinutes, ["seed"] = run.Seed, ["variant"] = run.Variant };
        foreach ((string name, JsonNode? value) in JsonSerializer.SerializeToNode(run.Measures, Json)!.AsObject()) node[name] = value?.DeepClone();
        return node;
    }
}
