namespace Pipeline.Tests;

/// <summary>The checkout that the tests run in.</summary>
internal static class Repository
{
    /// <summary>Folder that holds Pipeline.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>A folder outside of the checkout that some tests need: the one that a variable names, or one in a folder <c>shared</c> beside the checkout; null: neither.</summary>
    public static string? Outside(string variable, string name)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named) return named;
        string beside = Path.Combine(Root, "..", "shared", name);
        return Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
    }

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Pipeline.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the tests do not run within a checkout");
    }
}
