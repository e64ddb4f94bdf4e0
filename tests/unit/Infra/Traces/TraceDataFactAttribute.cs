namespace Pipeline.Tests.Unit.Infra.Traces;

/// <summary>A test on a real trace that is too large, or not free, to be committed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TraceDataFactAttribute : FactAttribute
{
    public const string Variable = "PIPELINE_DATA";

    public TraceDataFactAttribute(string folder)
    {
        string? root = Repository.Outside(Variable, "data");
        if (root is null) Skip = $"{Variable} does not name a folder of traces";
        else if (!Directory.Exists(Path.Combine(root, folder))) Skip = $"{root} has no folder {folder}";
    }

    public static DirectoryInfo Folder(string folder) => new(Path.Combine(Repository.Outside(Variable, "data")!, folder));
}
