using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Pipeline.Tests.Benchmarks.Decide;

/// <summary><c>decide</c>: the dispatcher's decisions in this process, without Kafka.</summary>
internal static class DecideCommand
{
    public static Command Create()
    {
        Command command = new("decide", "Decisions of the dispatcher without Kafka (BenchmarkDotNet).");
        command.SetAction(_ =>
        {
            // In this process: a project of its own would not find the central package versions.
            Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithGcServer(false).WithInvocationCount(1).WithUnrollFactor(1).WithWarmupCount(3).WithIterationCount(11);
            BenchmarkRunner.Run<Decisions>(DefaultConfig.Instance.AddJob(job).AddColumn(StatisticColumn.Median).WithOption(ConfigOptions.DisableLogFile, true));
            return 0;
        });
        return command;
    }
}
