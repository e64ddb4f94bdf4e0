namespace Pipeline.Infra.CommandLine;

/// <summary>A file of secrets, a line for each: <c>name=base64</c>. They are never shown, in no message either.</summary>
public static class SecretFile
{
    private const UnixFileMode ForOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The secrets by name, in the order of the file.</summary>
    /// <exception cref="UserException">The file cannot be read, others may read it, or a line is wrong.</exception>
    public static IReadOnlyList<KeyValuePair<string, byte[]>> Read(FileInfo file, int bytes)
    {
        string[] lines;
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.FullName) & ForOthers) != 0)
                throw new UserException($"{file.FullName} may be read or changed by others: chmod 600 it");
            lines = File.ReadAllLines(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{file.FullName} cannot be read: {e.Message}", e);
        }
        List<KeyValuePair<string, byte[]>> secrets = [];
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line.StartsWith('#')) continue;
            int at = line.IndexOf('=', StringComparison.Ordinal);
            byte[] secret = new byte[bytes];
            if (at <= 0 || !Convert.TryFromBase64String(line[(at + 1)..].Trim(), secret, out int read) || read != bytes)
                throw new UserException($"{file.FullName}, line {i + 1}: name=base64 of {bytes} bytes is wanted");
            secrets.Add(new(line[..at].Trim(), secret));
        }
        return secrets.Count > 0 ? secrets : throw new UserException($"{file.FullName} has no secret; name=base64 of {bytes} bytes is wanted");
    }

    /// <summary>Writes one secret into a file that only its owner may read.</summary>
    /// <exception cref="UserException">The file is there already or cannot be written.</exception>
    public static void Write(FileInfo file, string name, ReadOnlySpan<byte> secret)
    {
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using StreamWriter writer = new(file.FullName, options);
            writer.WriteLine($"{name}={Convert.ToBase64String(secret)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{file.FullName} cannot be written: {e.Message}", e);
        }
    }
}
