namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>A test on all recorded exchanges: INFLUX_RECORDED names their folder, else it may lie in shared/data/influx beside the repository. Skipped without.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordedFactAttribute : FactAttribute
{
    public RecordedFactAttribute() => Skip = Folder is null ? "no recorded exchanges: INFLUX_RECORDED names their folder" : null;

    internal static string? Folder { get; } = Repository.Outside("INFLUX_RECORDED", Path.Combine("data", "influx"));
}
