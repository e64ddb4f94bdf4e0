using System.Diagnostics;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks;

/// <summary>A process that measures itself and writes what it found to its standard output; its standard error is shown where it fails.</summary>
internal static class ChildProcess
{
    /// <summary>Runs this program again with other arguments.</summary>
    public static Task<string> RunSelfAsync(IEnumerable<string> arguments, CancellationToken cancel) =>
        RunAsync(Environment.ProcessPath!, [.. Library(), .. arguments], cancel);

    /// <summary>Starts this program again with other arguments; whoever gets it ends it.</summary>
    public static Process StartSelf(IEnumerable<string> arguments) => Start(Environment.ProcessPath!, [.. Library(), .. arguments], null);

    /// <summary>Runs a program to its end and returns its standard output.</summary>
    /// <exception cref="UserException">It ended with another code than 0.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel, string? folder = null)
    {
        using Process process = Start(program, arguments, folder);
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancel), error = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        if (process.ExitCode != 0) throw new UserException($"{program} ended with {process.ExitCode}: {await error}{await output}");
        return await output;
    }

    /// <summary>What `dotnet` has to be told first, where this program was started by it.</summary>
    private static string[] Library() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ChildProcess).Assembly.Location] : [];

    private static Process Start(string program, IEnumerable<string> arguments, string? folder) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" })!;
}
