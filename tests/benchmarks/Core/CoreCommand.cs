using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Pipeline.Tests.Benchmarks.Core;

/// <summary><c>core</c>: reports to steps in this process, without Kafka: what decoding, validating and windowing cost by themselves.</summary>
internal static class CoreCommand
{
    public static Command Create()
    {
        Command command = new("core", "Reports to steps without Kafka, by the short way and by the parser (BenchmarkDotNet).");
        command.SetAction(_ =>
        {
            // In this process: a project of its own would not find the central package versions.
            Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithGcServer(false).WithInvocationCount(1).WithUnrollFactor(1).WithWarmupCount(3).WithIterationCount(11);
            BenchmarkRunner.Run<ReportsToSteps>(DefaultConfig.Instance.AddJob(job).WithOption(ConfigOptions.DisableLogFile, true));
            return 0;
        });
        return command;
    }
}
