using System.CommandLine;

namespace Pipeline.Tests.Benchmarks.Bridge;

/// <summary><c>bridge</c>: records of foreign agents to points and on to reports, without Kafka.</summary>
internal static class BridgeCommand
{
    public static Command Create()
    {
        Command command = new("bridge", "Telegraf's and the Collector's records decoded and made reports, beside Google.Protobuf's classes (BenchmarkDotNet).");
        command.SetAction(_ => InProcess.Run<LineProtocolPoints>() + InProcess.Run<OtlpNumbers>());
        return command;
    }
}
