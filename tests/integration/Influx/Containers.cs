namespace Pipeline.Tests.Integration.Influx;

/// <summary>Whether servers may be started as containers.</summary>
internal static class Containers
{
    public static bool DockerAnswers => File.Exists("/var/run/docker.sock");
}
