namespace Pipeline.Ingest.Replay;

/// <summary>The extracts of <c>ingest/traces</c>, which are copied beside the program.</summary>
public static class CommittedTraces
{
    public static DirectoryInfo Fleet { get; } = Folder("google-2011-jobs");

    public static DirectoryInfo Functions { get; } = Folder("azure-functions-2019");

    private static DirectoryInfo Folder(string name) => new(Path.Combine(AppContext.BaseDirectory, "traces", name));
}
