using System.CommandLine;

namespace Pipeline.Tests.Benchmarks.Core;

/// <summary><c>core</c>: reports to steps in this process, without Kafka: what decoding, validating and windowing cost by themselves.</summary>
internal static class CoreCommand
{
    public static Command Create()
    {
        Command command = new("core", "Reports to steps without Kafka, by the short way and by the parser (BenchmarkDotNet).");
        command.SetAction(_ => InProcess.Run<ReportsToSteps>());
        return command;
    }
}
