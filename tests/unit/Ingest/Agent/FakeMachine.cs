namespace Pipeline.Tests.Unit.Ingest.Agent;

/// <summary>Trees of /proc and /sys/fs/cgroup that live as long as a test.</summary>
internal sealed class FakeMachine : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("pipeline-machine-");

    public FakeMachine() => Directory.CreateDirectory(Cgroup);

    public string Proc => Path.Combine(root.FullName, "proc");

    public string Cgroup => Path.Combine(root.FullName, "cgroup");

    public FakeMachine With(string file, string text)
    {
        string path = Path.Combine(root.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public void Dispose() => root.Delete(recursive: true);
}
