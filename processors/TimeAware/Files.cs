using Pipeline.Infra.CommandLine;

namespace Pipeline.Processors.TimeAware;

/// <summary>Writes results, and says which file it was where that fails.</summary>
internal static class Files
{
    /// <exception cref="UserException">It cannot be written.</exception>
    public static void Write(FileInfo file, string text) => Guard(file, () =>
    {
        file.Directory?.Create();
        File.WriteAllText(file.FullName, text);
    });

    /// <exception cref="UserException">It cannot be written.</exception>
    public static void Guard(FileInfo file, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{file.FullName} cannot be written: {e.Message}", e);
        }
    }
}
