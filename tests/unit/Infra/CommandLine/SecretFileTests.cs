using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Unit.Infra.CommandLine;

public sealed class SecretFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-secrets-");

    private FileInfo File => new(Path.Combine(folder.FullName, "secrets"));

    [Fact]
    public void What_is_written_is_read_and_only_its_owner_may_read_it()
    {
        byte[] secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        SecretFile.Write(File, "k1", secret);

        KeyValuePair<string, byte[]> read = SecretFile.Read(File, 32).Single();

        Assert.Equal("k1", read.Key);
        Assert.Equal(secret, read.Value);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File.FullName));
        Assert.Throws<UserException>(() => SecretFile.Write(File, "k1", secret));
    }

    [Theory]
    [InlineData("k1=c2hvcnQ=")]
    [InlineData("no secret here")]
    [InlineData("# nothing")]
    public void A_wrong_line_is_refused_and_its_content_never_shown(string line)
    {
        Write(line, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        string message = Assert.Throws<UserException>(() => SecretFile.Read(File, 32)).Message;

        Assert.Contains("name=base64 of 32 bytes is wanted", message, StringComparison.Ordinal);
        Assert.DoesNotContain(line, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_everybody_may_read_is_refused()
    {
        if (OperatingSystem.IsWindows()) return;
        Write("k1=x", UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.Contains("chmod 600", Assert.Throws<UserException>(() => SecretFile.Read(File, 32)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private void Write(string line, UnixFileMode mode)
    {
        System.IO.File.WriteAllText(File.FullName, line);
        if (!OperatingSystem.IsWindows()) System.IO.File.SetUnixFileMode(File.FullName, mode);
    }
}
