using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Pipeline.Tests.Benchmarks;

/// <summary>BenchmarkDotNet in this process: a project of its own would not find the central package versions.</summary>
internal static class InProcess
{
    /// <summary>Runs benchmarks of whole batches, each of which is one invocation.</summary>
    public static int Run<T>()
    {
        Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithGcServer(false).WithInvocationCount(1).WithUnrollFactor(1).WithWarmupCount(3).WithIterationCount(11);
        return BenchmarkRunner.Run<T>(DefaultConfig.Instance.AddJob(job).WithOption(ConfigOptions.DisableLogFile, true)).HasCriticalValidationErrors ? 1 : 0;
    }
}
