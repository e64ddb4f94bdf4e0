using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>function.completions to <c>function_completion</c>: one point per call that ended.</summary>
public static class CompletionPoints
{
    public static void Map(Completion completion, ICollection<Point> into)
    {
        Tag[] tags =
        [
            new Tag("cell", completion.Cell),
            new Tag("cold", completion.ColdStart ? "true" : "false"),
            new Tag("function", completion.Function),
            new Tag("outcome", completion.Outcome.ToString().ToLowerInvariant()),
            new Tag("tenant", completion.Tenant),
            new Tag("vm", completion.Vm),
        ];
        List<Field> fields = new(5)
        {
            new Field("invocation_id", completion.InvocationId),
            new Field("wall_ms", completion.WallMs),
            new Field("cpu_s", completion.CpuS),
            new Field("cold_start_ms", completion.ColdStartMs),
        };
        if (completion.Error.Length > 0) fields.Add(new Field("error", completion.Error));
        into.Add(new Point("function_completion", tags, [.. fields], EventTime.Ns(completion.TimeUnixMs, completion.InvocationId)));
    }
}
